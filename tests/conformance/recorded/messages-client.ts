import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";

/** What a client of Messages understood, and what it stumbled over. */
export interface HeardMessage {
  readonly id?: string;
  readonly content: readonly JsonObject[];
  readonly stop?: string;
  readonly usage?: JsonObject;
  /** The `error` of an error body or event. */
  readonly error?: JsonObject;
  /** Breaches of the order and shape every official client relies on. */
  readonly problems: readonly string[];
}

/** All that was said as text. */
export function textIn({ content }: HeardMessage): string {
  return content.map((block) => (block["type"] === "text" ? (stringOf(block["text"]) ?? "") : "")).join("");
}

/** The calls of an answer: name and input. */
export function callsIn({ content }: HeardMessage): { readonly name: Json | undefined; readonly input: Json | undefined }[] {
  return content.filter((block) => block["type"] === "tool_use").map(({ name, input }) => ({ name, input }));
}

/** Reads a whole answer as a strict client does. */
export function hearMessage(text: string): HeardMessage {
  const json = objectOf(parseJson(text));
  if (json["type"] === "error") return { content: [], error: objectOf(json["error"]), problems: errorProblems(json) };
  const content = listOf(json["content"]).map(objectOf);
  const problems = [...messageProblems(json), ...content.flatMap(blockProblems)];
  if (typeof json["stop_reason"] !== "string") problems.push("no stop_reason");
  return { id: stringOf(json["id"]), content, stop: stringOf(json["stop_reason"]), usage: objectOf(json["usage"]), problems };
}

/** Reads a stream as a strict client does: named frames, one open block at a time, everything counted at the end. */
export function hearMessageStream(text: string): HeardMessage {
  const listener = new StreamListener();
  for (const frame of text.split(/\n\n/)) if (frame !== "" && !frame.startsWith(":")) listener.hear(frame);
  return listener.heard();
}

class StreamListener {
  readonly #problems: string[] = [];
  readonly #content: JsonObject[] = [];
  #open: { readonly block: JsonObject; json: string } | undefined;
  #message: JsonObject | undefined;
  #stop: string | undefined;
  #usage: JsonObject | undefined;
  #error: JsonObject | undefined;
  #ended = false;

  heard(): HeardMessage {
    if (this.#error === undefined && !this.#ended) this.#problems.push("no message_stop");
    if (this.#error === undefined && this.#stop === undefined) this.#problems.push("no stop_reason");
    return {
      id: stringOf(this.#message?.["id"]),
      content: this.#content,
      stop: this.#stop,
      usage: this.#usage,
      error: this.#error,
      problems: [...this.#problems, ...this.#content.flatMap(blockProblems)],
    };
  }

  hear(frame: string): void {
    const [, name, data] = /^event: ([a-z_]+)\ndata: (.*)$/.exec(frame) ?? [];
    const json = parseJson(data ?? "");
    if (!isObject(json) || json["type"] !== name) this.#problems.push(`not a frame: ${frame.slice(0, 80)}`);
    else if (this.#ended || this.#error !== undefined) this.#problems.push(`${name} after the end`);
    else if (name === "error") {
      this.#problems.push(...errorProblems(json));
      this.#error = objectOf(json["error"]);
    } else if (name !== "ping") this.#take(json);
  }

  #take(json: JsonObject): void {
    if ((json["type"] === "message_start") === (this.#message !== undefined)) this.#problems.push(`${json["type"]} out of place`);
    switch (json["type"]) {
      case "message_start":
        this.#message = objectOf(json["message"]);
        this.#problems.push(...messageProblems(this.#message));
        if (listOf(this.#message["content"]).length > 0) this.#problems.push("content in message_start");
        break;
      case "content_block_start":
        if (this.#open !== undefined) this.#problems.push("two blocks open");
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
        this.#stop = stringOf(objectOf(json["delta"])["stop_reason"]);
        this.#usage = objectOf(json["usage"]);
        if (numberOf(this.#usage["output_tokens"]) === undefined) this.#problems.push("no usage at the end");
        break;
      case "message_stop":
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
  if (!Number.isInteger(usage["input_tokens"]) || !Number.isInteger(usage["output_tokens"])) problems.push("no usage");
  return problems;
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
