import type { ChatEvent } from "../../../../vocabulary/events.ts";
import { type Json, type JsonObject, objectOf, parseJson, stringOf } from "../../../../vocabulary/json.ts";
import { finishFields } from "../../finish.ts";
import { groundingOf } from "../../grounding.ts";
import { logprobsToGemini } from "../../logprobs.ts";

/** An event about one choice. */
export type ChoiceEvent = Extract<ChatEvent, { choice: number }>;

interface OpenCall {
  readonly id: string;
  readonly name: string;
  readonly signature?: string;
  arguments: string;
}

/** Sound as Gemini makes it, and as `readConfig` asks others for it. https://ai.google.dev/gemini-api/docs/speech-generation */
const SOUND = "audio/L16;codec=pcm;rate=24000";

/**
 * One candidate of an answer. What can be shown at once becomes a part as it comes; calls are shown whole and so wait for the end, and
 * what stands beside the content (why it ended, sources, probabilities) waits with them.
 */
export class Candidate {
  readonly #thoughts: boolean;
  readonly #calls = new Map<number, OpenCall>();
  readonly #annotations: JsonObject[] = [];
  readonly #logprobs: Json[] = [];
  #text = "";
  #refused = false;
  #finish: JsonObject = finishFields("stop");

  /** `thoughts`: does the client want to see what the model thinks? */
  constructor(thoughts: boolean) {
    this.#thoughts = thoughts;
  }

  /** The part that an event makes, if it makes one now. */
  hear(event: ChoiceEvent): JsonObject | undefined {
    switch (event.type) {
      case "text":
        this.#text += event.text;
        return event.text === "" && event.signature === undefined ? undefined : signed({ text: event.text }, event.signature);
      case "thinking":
        return this.#thoughts && event.text !== "" ? { text: event.text, thought: true } : undefined;
      case "refusal":
        this.#refused = true;
        this.#text += event.text;
        return event.text === "" ? undefined : { text: event.text };
      case "image":
        return signed({ inlineData: { mimeType: event.mime, data: event.base64 } }, event.signature);
      case "audio": {
        const data = stringOf(event.audio["data"]);
        return data === undefined ? undefined : { inlineData: { mimeType: SOUND, data } };
      }
      case "tool-call":
        this.#calls.set(event.call, { id: event.id, name: event.name, signature: event.signature, arguments: "" });
        return undefined;
      case "tool-call-arguments": {
        const call = this.#calls.get(event.call);
        if (call !== undefined) call.arguments += event.text;
        return undefined;
      }
      case "annotation":
        this.#annotations.push(event.annotation);
        return undefined;
      case "logprobs":
        this.#logprobs.push(event.logprobs);
        return undefined;
      case "finish":
        this.#finish = finishFields(this.#refused && event.reason === "stop" ? "refusal" : event.reason, event.detail);
        return undefined;
      case "thinking-signature":
      case "thinking-redacted":
        // Proofs of others: nobody but their maker may see them again, and Gemini's own stand on text, calls and pictures.
        return undefined;
      default:
        return event satisfies never;
    }
  }

  /** The calls, in the order the model made them. */
  calls(): JsonObject[] {
    return Array.from(this.#calls.values(), ({ id, name, signature, arguments: given }) =>
      signed({ functionCall: { id, name, args: objectOf(parseJson(given)) } }, signature),
    );
  }

  /** The fields that stand beside the content of a candidate that has ended. */
  ending(): JsonObject {
    const groundingMetadata = groundingOf(this.#annotations, this.#text);
    const logprobsResult = logprobsToGemini(this.#logprobs);
    return {
      ...this.#finish,
      ...(groundingMetadata === undefined ? {} : { groundingMetadata }),
      ...(logprobsResult === undefined ? {} : { logprobsResult }),
    };
  }
}

function signed(part: JsonObject, signature: string | undefined): JsonObject {
  return signature === undefined ? part : { ...part, thoughtSignature: signature };
}
