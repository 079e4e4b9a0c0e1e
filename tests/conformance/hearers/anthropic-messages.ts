import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { countProblems, framesIn, type Heard, type HeardFrame } from "./heard.ts";

/** What a client of Messages understood. */
export interface HeardMessage extends Heard {
  readonly id?: string;
  readonly content: readonly JsonObject[];
}

const COUNTS = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];

/** Reads a whole answer as a strict client does. */
export function hearMessage(text: string): HeardMessage {
  const json = objectOf(parseJson(text));
  if (json["type"] === "error") return understood({ content: [], error: objectOf(json["error"]), problems: errorProblems(json) });
  const problems = messageProblems(json);
  if (typeof json["stop_reason"] !== "string") problems.push("no stop_reason");
  const content = listOf(json["content"]).map(objectOf);
  return understood({ id: stringOf(json["id"]), content, finish: stringOf(json["stop_reason"]), usage: objectOf(json["usage"]), problems });
}

/** Reads a stream as a strict client does: named frames, one open block at a time, everything counted at the end. */
export function hearMessageStream(text: string): HeardMessage {
  const problems: string[] = [];
  const listener = new StreamListener(problems);
  for (const frame of framesIn(text, "named", problems)) listener.hear(frame);
  return listener.heard();
}

function understood(heard: Omit<HeardMessage, "text" | "thinking" | "calls">): HeardMessage {
  const { content } = heard;
  const joined = (type: string) => content.map((block) => (block["type"] === type ? (stringOf(block[type]) ?? "") : "")).join("");
  return {
    ...heard,
    text: joined("text"),
    thinking: joined("thinking"),
    calls: content.flatMap((block) =>
      block["type"] === "tool_use" ? [{ id: stringOf(block["id"]) ?? "", name: stringOf(block["name"]) ?? "", arguments: block["input"] }] : [],
    ),
    problems: [...heard.problems, ...content.flatMap(blockProblems)],
  };
}

class StreamListener {
  readonly #problems: string[];
  readonly #content: JsonObject[] = [];
  #open: { readonly block: JsonObject; json: string } | undefined;
  #message: JsonObject | undefined;
  #finish: string | undefined;
  #usage: JsonObject | undefined;
  #error: JsonObject | undefined;
  #ended = false;

  constructor(problems: string[]) {
    this.#problems = problems;
  }

  heard(): HeardMessage {
    if (this.#error === undefined && !this.#ended) this.#problems.push("no message_stop");
    if (this.#error === undefined && this.#finish === undefined) this.#problems.push("no stop_reason");
    const { id } = objectOf(this.#message);
    return understood({
      id: stringOf(id),
      content: this.#content,
      finish: this.#finish,
      usage: this.#usage,
      error: this.#error,
      problems: this.#problems,
    });
  }

  hear({ event, json }: HeardFrame): void {
    if (json["type"] !== event) this.#problems.push(`the event ${event} says it is ${json["type"]}`);
    else if (this.#ended || this.#error !== undefined) this.#problems.push(`${event} after the end`);
    else if (event === "error") {
      this.#problems.push(...errorProblems(json));
      this.#error = objectOf(json["error"]);
    } else if (event !== "ping") this.#take(json);
  }

  #take(json: JsonObject): void {
    if ((json["type"] === "message_start") === (this.#message !== undefined)) this.#problems.push(`${json["type"]} out of place`);
    switch (json["type"]) {
      case "message_start":
        this.#message = objectOf(json["message"]);
        this.#usage = objectOf(this.#message["usage"]);
        this.#problems.push(...messageProblems(this.#message));
        if (listOf(this.#message["content"]).length > 0) this.#problems.push("content in message_start");
        break;
      case "content_block_start":
        if (this.#open !== undefined) this.#problems.push("two blocks open");
        if (this.#finish !== undefined) this.#problems.push("a block after the end of all");
        if (json["index"] !== this.#content.length) this.#problems.push(`block ${json["index"]} after ${this.#content.length}`);
        this.#open = { block: { ...objectOf(json["content_block"]) }, json: "" };
        this.#content.push(this.#open.block);
        break;
      case "content_block_delta":
        this.#change(objectOf(json["delta"]), json["index"]);
        break;
      case "content_block_stop":
        if (json["index"] !== this.#content.length - 1 || this.#open === undefined) this.#problems.push("a stop of what is not open");
        if (this.#open?.block["type"] === "tool_use") this.#open.block["input"] = this.#open.json === "" ? {} : parseJson(this.#open.json);
        this.#open = undefined;
        break;
      case "message_delta":
        if (this.#open !== undefined) this.#problems.push("the end before a block's");
        this.#finish = stringOf(objectOf(json["delta"])["stop_reason"]);
        if (objectOf(json["usage"])["output_tokens"] === undefined) this.#problems.push("no usage at the end");
        this.#usage = { ...this.#usage, ...objectOf(json["usage"]) };
        this.#problems.push(...countProblems(this.#usage, COUNTS));
        break;
      case "message_stop":
        if (this.#open !== undefined) this.#problems.push("a block is left open");
        this.#ended = true;
        break;
      default:
        this.#problems.push(`unknown event ${json["type"]}`);
    }
  }

  /** The kinds of delta each kind of block may get, and where they go. */
  #change(delta: JsonObject, index: Json | undefined): void {
    const block = this.#open?.block;
    if (this.#open === undefined || block === undefined || index !== this.#content.length - 1) {
      this.#problems.push("a delta of what is not open");
      return;
    }
    const fits: Readonly<Record<string, readonly string[]>> = {
      text: ["text_delta", "citations_delta"],
      thinking: ["thinking_delta", "signature_delta"],
      tool_use: ["input_json_delta"],
    };
    if (fits[String(block["type"])]?.includes(String(delta["type"])) !== true) this.#problems.push(`${delta["type"]} in a ${block["type"]} block`);
    for (const name of ["text", "thinking", "signature"]) if (typeof delta[name] === "string") block[name] = String(block[name] ?? "") + delta[name];
    if (delta["citation"] !== undefined) block["citations"] = [...listOf(block["citations"]), delta["citation"]];
    this.#open.json += stringOf(delta["partial_json"]) ?? "";
  }
}

function messageProblems(message: JsonObject): string[] {
  const problems: string[] = [];
  if (message["type"] !== "message" || message["role"] !== "assistant") problems.push("not an assistant's message");
  if (!/^msg_./s.test(stringOf(message["id"]) ?? "")) problems.push(`id is ${JSON.stringify(message["id"])}`);
  if (typeof message["model"] !== "string" || message["model"] === "") problems.push("no model");
  if (!Array.isArray(message["content"])) problems.push("no content");
  const usage = objectOf(message["usage"]);
  if (usage["input_tokens"] === undefined || usage["output_tokens"] === undefined) problems.push("no usage");
  return [...problems, ...countProblems(usage, COUNTS)];
}

function blockProblems(block: JsonObject): string[] {
  switch (block["type"]) {
    case "text":
      return typeof block["text"] === "string" ? [] : ["a text block without text"];
    case "thinking":
      return typeof block["thinking"] === "string" && typeof block["signature"] === "string" ? [] : ["thinking without its text or signature"];
    case "redacted_thinking":
      return typeof block["data"] === "string" ? [] : ["hidden thinking without data"];
    case "tool_use":
      return /^[a-zA-Z0-9_-]+$/.test(stringOf(block["id"]) ?? "") && stringOf(block["name"]) && isObject(block["input"])
        ? []
        : ["a call without id, name or input"];
    default:
      return [`a block of type ${JSON.stringify(block["type"])}`];
  }
}

function errorProblems(json: JsonObject): string[] {
  const error = objectOf(json["error"]);
  const sound = typeof error["type"] === "string" && typeof error["message"] === "string" && typeof json["request_id"] === "string";
  return sound ? [] : [`an error without type, message or request id: ${JSON.stringify(json).slice(0, 100)}`];
}
