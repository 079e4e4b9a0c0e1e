import type { ChatDecoder, Frame } from "../../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../../vocabulary/events.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../vocabulary/json.ts";
import { laterUsage, usageFromAnthropic } from "../usage.ts";
import { readErrorEvent } from "./read-failure.ts";

/** Reads the named events of a stream of `POST /v1/messages`. */
export function messagesDecoder(): ChatDecoder {
  const reader = new MessageReader();
  return {
    decode(frame: Frame): ChatEvent[] {
      if (reader.done || frame.data === "" || frame.data === "[DONE]") return [];
      const json = parseJson(frame.data);
      if (!isObject(json)) return reader.fail("The upstream sent an event that is not JSON.");
      return reader.read(json, stringOf(json["type"]) ?? frame.event);
    },
    close(): ChatEvent[] {
      if (reader.done) return [];
      return reader.fail("The stream was cut: the upstream closed it before the answer was finished.");
    },
  };
}

/** A whole message as events, by replaying it as the stream it could have been. */
export function readMessage(json: Json): ChatEvent[] {
  const reader = new MessageReader();
  if (isObject(json) && (json["type"] === "error" || json["type"] === "message" || Array.isArray(json["content"])))
    return reader.read(json, json["type"] === "error" ? "error" : "message");
  return reader.fail("The upstream answered 200 with something that is not a message.");
}

/** A content block as far as it has been seen. */
interface OpenBlock {
  readonly type: string;
  /** For a tool call: its number, and the arguments the block was opened with. */
  readonly call: number;
  readonly input: Json | undefined;
  hasArguments: boolean;
  signature: string;
  /** Where the block's text begins in the answer, in UTF-16 units. */
  readonly textStart: number;
  readonly citations: JsonObject[];
}

/** There is one choice, and its blocks come one after another. */
const choice = 0;

class MessageReader {
  done = false;
  #started = false;
  #finished = false;
  #usage: JsonObject = {};
  #usageTold = false;
  #calls = 0;
  #textLength = 0;
  readonly #blocks = new Map<number, OpenBlock>();

  fail(message: string): ChatEvent[] {
    return this.#end({ type: "failure", failure: new Failure("upstream-error", message) });
  }

  read(json: JsonObject, type: string): ChatEvent[] {
    switch (type) {
      case "message_start":
        return this.#start(objectOf(json["message"]));
      case "content_block_start":
        return this.#openBlock(numberOf(json["index"]) ?? 0, objectOf(json["content_block"]));
      case "content_block_delta":
        return this.#readDelta(numberOf(json["index"]) ?? 0, objectOf(json["delta"]));
      case "content_block_stop":
        return this.#closeBlock(numberOf(json["index"]) ?? 0);
      case "message_delta":
        return this.#readMessageDelta(objectOf(json["delta"]), json["usage"]);
      case "message_stop":
        return this.#stop();
      case "ping":
        return [{ type: "alive" }];
      case "error":
        return this.#end({ type: "failure", failure: readErrorEvent(json) });
      case "message":
        return this.#readWhole(json);
      default:
        // New kinds of events are added without notice; the upstream lives.
        return [{ type: "alive" }];
    }
  }

  #end(event: ChatEvent): ChatEvent[] {
    this.done = true;
    return [event];
  }

  #start(message: JsonObject): ChatEvent[] {
    this.#usage = laterUsage(this.#usage, message["usage"]);
    if (this.#started) return [];
    this.#started = true;
    return [{ type: "start", id: stringOf(message["id"]), model: stringOf(message["model"]) || undefined }];
  }

  #openBlock(index: number, json: JsonObject): ChatEvent[] {
    const type = stringOf(json["type"]) ?? "";
    const isCall = type === "tool_use";
    const block: OpenBlock = {
      type,
      call: isCall ? this.#calls++ : -1,
      input: json["input"],
      hasArguments: false,
      signature: stringOf(json["signature"]) ?? "",
      textStart: this.#textLength,
      citations: listOf(json["citations"]).filter(isObject),
    };
    const before = this.#closeBlock(index);
    this.#blocks.set(index, block);
    switch (type) {
      case "text":
        return [...before, ...this.#text(stringOf(json["text"]))];
      case "thinking":
        return [...before, ...thinking(stringOf(json["thinking"]))];
      case "redacted_thinking":
        return [...before, { type: "thinking-redacted", choice, data: stringOf(json["data"]) ?? "" }];
      case "tool_use":
        return [
          ...before,
          { type: "tool-call", choice, call: block.call, id: stringOf(json["id"]) ?? `toolu_${block.call}`, name: stringOf(json["name"]) ?? "" },
        ];
      default:
        // Tools that Anthropic itself runs (search, code, MCP) and their results: the text that follows tells of them.
        return [...before, { type: "alive" }];
    }
  }

  #readDelta(index: number, delta: JsonObject): ChatEvent[] {
    const block = this.#blocks.get(index);
    switch (delta["type"]) {
      case "text_delta":
        return this.#text(stringOf(delta["text"]));
      case "thinking_delta":
        return thinking(stringOf(delta["thinking"]));
      case "signature_delta":
        if (block !== undefined) block.signature += stringOf(delta["signature"]) ?? "";
        return [];
      case "citations_delta":
        if (block !== undefined && isObject(delta["citation"])) block.citations.push(delta["citation"]);
        return [];
      case "input_json_delta": {
        const text = stringOf(delta["partial_json"]) ?? "";
        if (block === undefined || block.call < 0 || text === "") return [];
        block.hasArguments = true;
        return [{ type: "tool-call-arguments", choice, call: block.call, text }];
      }
      default:
        return [{ type: "alive" }];
    }
  }

  /** What a block still owes when it ends: a signature, its citations, arguments that came whole or not at all. */
  #closeBlock(index: number): ChatEvent[] {
    const block = this.#blocks.get(index);
    if (block === undefined) return [];
    this.#blocks.delete(index);
    const events: ChatEvent[] = [];
    if (block.type === "thinking" && block.signature !== "") events.push({ type: "thinking-signature", choice, signature: block.signature });
    if (block.call >= 0 && !block.hasArguments)
      events.push({ type: "tool-call-arguments", choice, call: block.call, text: isObject(block.input) ? JSON.stringify(block.input) : "{}" });
    for (const citation of block.citations) {
      const annotation = annotationOf(citation, block.textStart, this.#textLength);
      if (annotation !== undefined) events.push({ type: "annotation", choice, annotation });
    }
    return events;
  }

  #readMessageDelta(delta: JsonObject, usage: Json | undefined): ChatEvent[] {
    this.#usage = laterUsage(this.#usage, usage);
    const finish = typeof delta["stop_reason"] === "string" ? this.#finish(delta) : [];
    return [...finish, ...this.#tellUsage()];
  }

  #finish(delta: JsonObject): ChatEvent[] {
    if (this.#finished) return [];
    this.#finished = true;
    const owed = [...this.#blocks.keys()].flatMap((index) => this.#closeBlock(index));
    const details = objectOf(delta["stop_details"]);
    const detail = stringOf(details["explanation"]) ?? stringOf(details["category"]);
    const stopSequence = stringOf(delta["stop_sequence"]);
    return [
      ...owed,
      {
        type: "finish",
        choice,
        reason: this.#reasonOf(stringOf(delta["stop_reason"])),
        ...(stopSequence === undefined ? {} : { stopSequence }),
        ...(detail === undefined ? {} : { detail }),
      },
    ];
  }

  #stop(): ChatEvent[] {
    return [...this.#finish({}), ...(this.#usageTold ? [] : this.#tellUsage()), ...this.#end({ type: "end" })];
  }

  #reasonOf(reason: string | undefined): FinishReason {
    switch (reason) {
      case "max_tokens":
      case "model_context_window_exceeded":
        return "length";
      case "refusal":
        return "refusal";
      case "pause_turn":
        return "pause";
      case "stop_sequence":
        return "stop";
      default:
        // Compatible servers are not always exact about `tool_use`: the calls themselves are.
        return this.#calls > 0 ? "tool-calls" : "stop";
    }
  }

  #tellUsage(): ChatEvent[] {
    const usage = usageFromAnthropic(this.#usage);
    if (usage === undefined) return [];
    this.#usageTold = true;
    return [{ type: "usage", usage }];
  }

  #text(text: string | undefined): ChatEvent[] {
    if (text === undefined || text === "") return [];
    this.#textLength += text.length;
    return [{ type: "text", choice, text }];
  }

  #readWhole(message: JsonObject): ChatEvent[] {
    const { stop_reason, stop_sequence, stop_details, usage } = message;
    return [
      ...this.#start({ id: message["id"], model: message["model"] }),
      ...listOf(message["content"]).flatMap((block, index) => [...this.#openBlock(index, objectOf(block)), ...this.#closeBlock(index)]),
      ...this.#readMessageDelta({ stop_reason, stop_sequence, stop_details }, usage),
      ...this.#stop(),
    ];
  }
}

function thinking(text: string | undefined): ChatEvent[] {
  return text === undefined || text === "" ? [] : [{ type: "thinking", choice, text }];
}

/** A citation with an address as OpenAI's `url_citation` over the block it belongs to; those of the client's own documents have no such form. */
function annotationOf(citation: JsonObject, start: number, end: number): JsonObject | undefined {
  const url = stringOf(citation["url"]) ?? stringOf(citation["source"]);
  if (url === undefined) return undefined;
  return { type: "url_citation", url_citation: { start_index: start, end_index: end, url, title: stringOf(citation["title"]) ?? url } };
}
