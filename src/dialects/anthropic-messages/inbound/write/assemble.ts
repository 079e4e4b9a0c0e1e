import type { AnswerFacts, ChatCall } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../../../vocabulary/events.ts";
import { type JsonObject, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { tokensOfBytes, type Usage, usageOf } from "../../../../vocabulary/usage.ts";
import { estimatedPrompt } from "../../../shared/conversation/estimate.ts";
import { answerId } from "../../../shared/openai/answer.ts";
import { usageToAnthropic } from "../../usage.ts";
import { writePicture } from "../pictures.ts";
import { longNames } from "../tool-names.ts";
import { BlockLine } from "./block-line.ts";
import { callIds } from "./call-ids.ts";

/** Anthropic's `stop_reason` for each of ours. */
const STOP_WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  "tool-calls": "tool_use",
  "content-filter": "refusal",
  refusal: "refusal",
  pause: "pause_turn",
};

type Finish = Extract<ChatEvent, { type: "finish" }>;

/**
 * The events of an answer as those of Anthropic's stream, in the order its clients insist on: a start, one content block after the other, a
 * reason to stop with all that was used, a stop. Only the first choice is told. https://platform.claude.com/docs/en/build-with-claude/streaming
 */
export class MessageAssembler {
  readonly #call: ChatCall;
  readonly #facts: AnswerFacts;
  readonly #line: BlockLine;
  readonly #idOf: (id: string) => string;
  /** Thinking that the client does not want to read is still proof of itself. */
  readonly #hidesThinking: boolean;
  #names: ReadonlyMap<string, string> | undefined;
  #started = false;
  #refused = false;
  #called = false;
  #delivered = 0;
  #finish: Finish | undefined;
  #usage: Usage | undefined;

  constructor(call: ChatCall, facts: AnswerFacts) {
    this.#call = call;
    this.#facts = facts;
    this.#line = new BlockLine();
    this.#idOf = callIds(call.json);
    const { type, display } = objectOf(call.json["thinking"]);
    this.#hidesThinking = type === "disabled" || display === "omitted";
  }

  /** What the client is told for this event. A failure is not for here: it ends the message where it stands. */
  take(event: ChatEvent): JsonObject[] {
    if ("choice" in event && event.choice !== 0) return [];
    switch (event.type) {
      case "start":
        return this.#start(event.id, event.model);
      case "text":
        return this.#saying(event.text, () => this.#line.text(event.text));
      case "refusal":
        this.#refused = true;
        return this.#saying(event.text, () => this.#line.text(event.text));
      case "thinking":
        return this.#saying(event.text, () => (this.#hidesThinking ? [] : this.#line.thinking(event.text)));
      case "thinking-signature":
        return this.#begun(() => this.#line.signature(event.signature));
      case "thinking-redacted":
        return this.#begun(() => this.#line.redacted(event.data));
      case "tool-call":
        this.#called = true;
        return this.#begun(() => this.#line.call(event.call, this.#idOf(event.id), this.#nameOf(event.name)));
      case "tool-call-arguments":
        return this.#saying(event.text, () => this.#line.argumentText(event.call, event.text));
      case "annotation":
        return this.#begun(() => this.#cite(event.annotation));
      case "image":
        return this.#begun(() => this.#line.picture(writePicture(event.mime, event.base64)));
      case "finish":
        this.#finish ??= event;
        return this.#begun(() => this.#line.end());
      case "usage":
        this.#usage = event.usage;
        return [];
      case "end":
        return this.#begun(() => [...this.#line.end(), this.#delta(), { type: "message_stop" }]);
      // There is no place for sound or probabilities in a message.
      case "audio":
      case "logprobs":
      case "alive":
      case "failure":
        return [];
      default:
        return event satisfies never;
    }
  }

  #saying(text: string, say: () => JsonObject[]): JsonObject[] {
    if (text === "") return [];
    this.#delivered += Buffer.byteLength(text);
    return this.#begun(say);
  }

  #begun(then: () => JsonObject[]): JsonObject[] {
    const start = this.#start(undefined, undefined);
    return start.length === 0 ? then() : [...start, ...then()];
  }

  #start(id: string | undefined, model: string | undefined): JsonObject[] {
    if (this.#started) return [];
    this.#started = true;
    const message = {
      // Azure's first words have neither, though they have the fields.
      id: answerId("msg_", id || undefined, this.#facts),
      type: "message",
      role: "assistant",
      model: model || this.#facts.model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      // Nothing is counted yet; the clients take the counts of the end.
      usage: usageToAnthropic(usageOf({})),
    };
    return [{ type: "message_start", message }];
  }

  /** A source with an address, in the only form Anthropic has for one: as found by its own search of the web. */
  #cite(annotation: JsonObject): JsonObject[] {
    const cited = objectOf(annotation["url_citation"]);
    const url = stringOf(cited["url"]);
    if (url === undefined) return [];
    const title = stringOf(cited["title"]) ?? null;
    return this.#line.citation({ type: "web_search_result_location", url, title, cited_text: "", encrypted_index: "" });
  }

  #nameOf(name: string): string {
    this.#names ??= longNames(this.#call.json);
    return this.#names.get(name) ?? name;
  }

  #delta(): JsonObject {
    const { reason, stopSequence, detail } = this.#finish ?? { reason: this.#called ? "tool-calls" : "stop" };
    const stopped = stopSequence !== undefined && reason === "stop";
    const word = this.#refused ? "refusal" : stopped ? "stop_sequence" : STOP_WORDS[reason];
    return {
      type: "message_delta",
      delta: {
        stop_reason: word,
        stop_sequence: stopped ? stopSequence : null,
        ...(word === "refusal" ? { stop_details: { type: "refusal", category: null, explanation: detail ?? null } } : {}),
      },
      usage: usageToAnthropic(this.#usage ?? this.#counted()),
    };
  }

  /** What was used, for an upstream that did not say: clients decide by it when a conversation grows too long. */
  #counted(): Usage {
    return usageOf({ input: estimatedPrompt(this.#call), output: tokensOfBytes(this.#delivered), evidence: "counted" });
  }
}
