import type { ChatEvent, FinishReason } from "../../vocabulary/events.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import type { Json, JsonObject } from "../../vocabulary/json.ts";
import type { Usage } from "../../vocabulary/usage.ts";

/** One tool call of an answer, complete. */
export interface CollectedCall {
  readonly id: string;
  readonly name: string;
  arguments: string;
  readonly signature?: string;
}

/** A picture the model made. */
export interface CollectedImage {
  readonly mime: string;
  readonly base64: string;
  readonly signature?: string;
}

/** One choice of an answer, complete. */
export interface CollectedChoice {
  text: string;
  /** The last signature on its text. */
  signature?: string;
  thinking: string;
  refusal: string;
  readonly calls: CollectedCall[];
  readonly annotations: JsonObject[];
  readonly images: CollectedImage[];
  audio?: JsonObject;
  readonly logprobs: Json[];
  finish?: FinishReason;
  stopSequence?: string;
}

/** A whole answer, put together from its events. */
export interface Collected {
  id?: string;
  model?: string;
  created?: number;
  readonly choices: CollectedChoice[];
  usage?: Usage;
  failure?: Failure;
}

/** Puts an answer together; choices are in the order of their index. Calls without a word of arguments get `{}`. */
export function collect(events: readonly ChatEvent[]): Collected {
  const answer: Collected = { choices: [] };
  const choiceAt = (index: number): CollectedChoice => {
    let choice = answer.choices[index];
    if (choice === undefined) {
      while (answer.choices.length <= index) answer.choices.push({ text: "", thinking: "", refusal: "", calls: [], annotations: [], images: [], logprobs: [] });
      choice = answer.choices[index] as CollectedChoice;
    }
    return choice;
  };
  for (const event of events) {
    switch (event.type) {
      case "start":
        answer.id ??= event.id;
        answer.model ??= event.model;
        answer.created ??= event.created;
        break;
      case "text":
        choiceAt(event.choice).text += event.text;
        if (event.signature !== undefined) choiceAt(event.choice).signature = event.signature;
        break;
      case "thinking":
        choiceAt(event.choice).thinking += event.text;
        break;
      case "refusal":
        choiceAt(event.choice).refusal += event.text;
        break;
      case "tool-call":
        choiceAt(event.choice).calls[event.call] = { id: event.id, name: event.name, arguments: "", signature: event.signature };
        break;
      case "tool-call-arguments": {
        const call = choiceAt(event.choice).calls[event.call];
        if (call !== undefined) call.arguments += event.text;
        break;
      }
      case "annotation":
        choiceAt(event.choice).annotations.push(event.annotation);
        break;
      case "image":
        choiceAt(event.choice).images.push({ mime: event.mime, base64: event.base64, signature: event.signature });
        break;
      case "audio":
        choiceAt(event.choice).audio = joinedAudio(choiceAt(event.choice).audio, event.audio);
        break;
      case "logprobs":
        choiceAt(event.choice).logprobs.push(event.logprobs);
        break;
      case "finish":
        choiceAt(event.choice).finish = event.reason;
        choiceAt(event.choice).stopSequence = event.stopSequence;
        break;
      case "usage":
        answer.usage = event.usage;
        break;
      case "failure":
        answer.failure ??= event.failure;
        break;
      case "thinking-signature":
      case "thinking-redacted":
      case "alive":
      case "end":
        break;
      default:
        event satisfies never;
    }
  }
  for (const choice of answer.choices) for (const call of choice.calls) if (call !== undefined && call.arguments.trim() === "") call.arguments = "{}";
  return answer;
}

/** Audio comes in pieces: its data and transcript add up, of everything else the last word counts. */
function joinedAudio(before: JsonObject | undefined, piece: JsonObject): JsonObject {
  const joined: JsonObject = { ...before, ...piece };
  for (const name of ["data", "transcript"]) {
    const first = before?.[name];
    const second = piece[name];
    if (typeof first === "string" && typeof second === "string") joined[name] = first + second;
  }
  return joined;
}
