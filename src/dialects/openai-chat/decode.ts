import type { ChatDecoder } from "../../vocabulary/dialect.ts";
import { type ChatEvent, choiceOf, type FinishReason } from "../../vocabulary/events.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { type AnswerReader, broken, ChoiceBook, startOf, streamDecoder, wholeAnswer } from "../shared/openai/answer.ts";
import { readOpenaiErrorObject } from "../shared/openai/failure.ts";
import { usageFromOpenai } from "../shared/openai/usage.ts";
import { signatureIn } from "./google-signature.ts";

/** Reads chat completion chunks. */
export function chatDecoder(): ChatDecoder {
  return streamDecoder(new ChunkReader("delta"));
}

/** A whole chat completion as events: read as if it were one chunk. */
export function readChatAnswer(json: Json): ChatEvent[] {
  return wholeAnswer(json, new ChunkReader("message"), "chat completion");
}

/** A tool call as far as it has been seen. */
interface OpenCall {
  readonly call: number;
  readonly id: string;
}

class ChunkReader implements AnswerReader {
  readonly choices = new ChoiceBook();
  /** Where a choice holds what it says. */
  readonly #field: "delta" | "message";
  #started = false;
  /** Calls by choice, in the order they were announced, and which call an upstream's own `index` means; made with the first call. */
  #calls: Map<number, OpenCall[]> | undefined;
  #byIndex: Map<string, OpenCall> | undefined;

  constructor(field: "delta" | "message") {
    this.#field = field;
  }

  owedReason(choice: number): FinishReason {
    return this.#finishOf("stop", choice);
  }

  read(json: JsonObject): ChatEvent[] {
    const events: ChatEvent[] = this.#started ? [] : [startOf(json)];
    this.#started = true;
    const citations = this.#field === "message" ? listOf(json["citations"]) : [];
    for (const choice of listOf(json["choices"])) this.#readChoice(objectOf(choice), citations, events);
    const usage = usageFromOpenai(json["usage"]) ?? usageFromOpenai(objectOf(json["x_groq"])["usage"]);
    if (usage !== undefined) events.push({ type: "usage", usage });
    return events;
  }

  /** `citations` are Perplexity's: they stand beside the choices, and are the first one's. */
  #readChoice(json: JsonObject, citations: readonly Json[], events: ChatEvent[]): void {
    const choice = choiceOf(json["index"], 0);
    if (choice === undefined) {
      events.push(broken(`The upstream numbered a choice ${json["index"]}.`));
      return;
    }
    this.choices.begin(choice);
    const said = objectOf(json[this.#field] ?? json["message"]);
    const thinking = stringOf(said["reasoning_content"]) ?? stringOf(said["reasoning"]) ?? stringOf(said["thinking"]);
    if (thinking) events.push({ type: "thinking", choice, text: thinking });
    this.#readContent(said["content"], choice, events);
    const signed = signatureIn(said);
    if (signed.signature !== undefined) events.push({ type: "text", choice, text: "", ...signed });
    const refusal = stringOf(said["refusal"]);
    if (refusal) events.push({ type: "refusal", choice, text: refusal });
    for (const call of listOf(said["tool_calls"])) this.#readCall(objectOf(call), choice, events);
    if (isObject(said["function_call"])) this.#readCall({ index: 0, function: said["function_call"] }, choice, events);
    for (const annotation of listOf(said["annotations"])) if (isObject(annotation)) events.push({ type: "annotation", choice, annotation });
    if (choice === 0) {
      for (const url of citations)
        if (typeof url === "string") events.push({ type: "annotation", choice, annotation: { type: "url_citation", url_citation: { url } } });
    }
    for (const image of listOf(said["images"])) readImage(objectOf(image), choice, events);
    if (isObject(said["audio"])) events.push({ type: "audio", choice, audio: said["audio"] });
    if (isObject(json["logprobs"])) events.push({ type: "logprobs", choice, logprobs: json["logprobs"] });
    const reason = stringOf(json["finish_reason"]);
    if (reason === undefined) return;
    if (reason === "error")
      events.push({ type: "failure", failure: readOpenaiErrorObject(json["error"] ?? "The upstream broke off with finish_reason error.") });
    else if (this.choices.finish(choice)) events.push({ type: "finish", choice, reason: this.#finishOf(reason, choice) });
  }

  /** Text, or Mistral's list of text and thinking parts. */
  #readContent(content: Json | undefined, choice: number, events: ChatEvent[]): void {
    if (typeof content === "string") {
      if (content !== "") events.push({ type: "text", choice, text: content });
      return;
    }
    for (const value of listOf(content)) {
      const part = objectOf(value);
      const text = stringOf(part["text"]);
      if (part["type"] === "thinking")
        for (const inner of listOf(part["thinking"])) events.push({ type: "thinking", choice, text: stringOf(objectOf(inner)["text"]) ?? "" });
      else if (text) events.push({ type: "text", choice, text });
    }
  }

  #readCall(json: JsonObject, choice: number, events: ChatEvent[]): void {
    const called = objectOf(json["function"] ?? json["custom"]);
    const id = stringOf(json["id"]) || undefined;
    const name = stringOf(called["name"]) || undefined;
    this.#calls ??= new Map();
    this.#byIndex ??= new Map();
    const calls = this.#calls.get(choice) ?? [];
    this.#calls.set(choice, calls);
    const index = numberOf(json["index"]);
    const key = `${choice}/${index ?? ""}`;
    // Without an index a new id opens a call and anything else continues the last one; some servers give every call index 0.
    let open =
      index === undefined
        ? (calls.find((call) => call.id === id) ?? (id === undefined && name === undefined ? calls.at(-1) : undefined))
        : this.#byIndex.get(key);
    if (open === undefined || (id !== undefined && name !== undefined && id !== open.id)) {
      open = { call: calls.length, id: id ?? `call_${choice}_${calls.length}` };
      calls.push(open);
      this.#byIndex.set(key, open);
      events.push({ type: "tool-call", choice, call: open.call, id: open.id, name: name ?? "", ...signatureIn(json) });
    }
    const given = called["arguments"] ?? called["input"];
    const text = typeof given === "string" ? given : given === undefined || given === null ? "" : JSON.stringify(given);
    if (text !== "") events.push({ type: "tool-call-arguments", choice, call: open.call, text });
  }

  #finishOf(reason: string, choice: number): FinishReason {
    switch (reason) {
      case "length":
      case "max_tokens":
      case "model_length":
        return "length";
      case "tool_calls":
      case "function_call":
        return "tool-calls";
      case "content_filter":
        return "content-filter";
      default:
        return (this.#calls?.get(choice)?.length ?? 0) > 0 ? "tool-calls" : "stop";
    }
  }
}

function readImage(json: JsonObject, choice: number, events: ChatEvent[]): void {
  const match = /^data:([^;,]+);base64,(.*)$/s.exec(stringOf(objectOf(json["image_url"])["url"]) ?? "");
  if (match !== null) events.push({ type: "image", choice, mime: match[1] ?? "", base64: match[2] ?? "", ...signatureIn(json) });
}
