import type { AnswerFacts, ChatCall } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../../../vocabulary/events.ts";
import type { Failure } from "../../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import type { Usage } from "../../../../vocabulary/usage.ts";
import { encryptedProof, encryptedRedaction, readResponsesProof } from "../../../shared/conversation/proofs.ts";
import { fittingId } from "../../../shared/conversation/tool-ids.ts";
import { type ToolBook, toolBook } from "../tool-book.ts";
import { CallItem } from "./call-item.ts";
import { type ItemStatus, MessageItem, type OpenItem, ReasoningItem, type Tell, tokensOf } from "./items.ts";
import { type Progress, responseObject, rootId } from "./response-object.ts";

/** What a client may use as a call's id: https://platform.openai.com/docs/api-reference/responses */
const CALL_ID = /^[\s\S]{1,64}$/;

/** Events of which the items of a response are made, besides calls. */
type Content = Extract<ChatEvent, { readonly choice: number }>;

/**
 * Builds a Response from an answer's events and tells of every step, in the order strict clients insist on. One item is open at a time:
 * what comes while a call still waits for the rest of its arguments is put off until they are whole.
 */
export class ResponseBuilder {
  readonly #call: ChatCall;
  readonly #facts: AnswerFacts;
  readonly #tell: Tell;
  readonly #now: () => number;
  readonly #output: JsonObject[] = [];
  readonly #calls = new Map<number, CallItem>();
  readonly #callIds = new Set<string>();
  /** Calls and content that wait for the open call. */
  readonly #waiting: (CallItem | Content[])[] = [];
  #open: OpenItem | undefined;
  #book: ToolBook | undefined;
  #begun = false;
  #over = false;
  #model: string | undefined;
  #usage: Usage | undefined;
  #reason: Progress["reason"];

  constructor(call: ChatCall, facts: AnswerFacts, { tell, now }: { readonly tell: Tell; readonly now: () => number }) {
    this.#call = call;
    this.#facts = facts;
    this.#tell = tell;
    this.#now = now;
  }

  /** The Response as it ended. */
  response: JsonObject = {};

  hear(event: ChatEvent): void {
    if (this.#over || ("choice" in event && event.choice !== 0)) return;
    switch (event.type) {
      case "start":
        this.#model = event.model;
        this.#begin();
        return;
      case "usage":
        this.#usage = event.usage;
        return;
      case "alive":
        return;
      case "failure":
        this.#fail(event.failure);
        return;
      case "end":
        this.#end();
        return;
      case "finish":
        if (event.reason === "length") this.#reason = "max_output_tokens";
        else if (event.reason === "content-filter" || event.reason === "refusal") this.#reason = "content_filter";
        this.#closeAll();
        return;
      case "tool-call-arguments": {
        const call = this.#calls.get(event.call);
        call?.hear(event.text);
        if (call === this.#open) this.#goOn();
        return;
      }
      default:
        this.#begin();
        if (this.#blocked) this.#putOff(event);
        else this.#take(event);
    }
  }

  #begin(): void {
    if (this.#begun) return;
    this.#begun = true;
    const response = this.#response({ status: "in_progress" });
    this.#tell("response.created", { response });
    this.#tell("response.in_progress", { response });
  }

  #end(): void {
    this.#begin();
    this.#closeAll();
    const status = this.#reason === undefined ? "completed" : "incomplete";
    this.#conclude({ status, ...(status === "completed" ? { completedAt: Math.floor(this.#now() / 1000) } : {}) });
  }

  /** A failure inside a response makes it a failed one; before there is a response it is only an error. */
  #fail(failure: Failure): void {
    if (this.#begun) {
      if (this.#open !== undefined) this.#output.push(this.#open.soFar());
      this.#conclude({ status: "failed", failure });
      return;
    }
    this.#over = true;
    const { param = "", code = failure.row.code } = failure.facts;
    const error = { type: failure.row.type, code, message: failure.message, param: param === "" ? null : param };
    // OpenAI's manual has the members beside the type, its service and OpenResponses have them inside `error`.
    this.#tell("error", { code: error.code, message: error.message, param: error.param, error });
  }

  #conclude(ending: Omit<Progress, "output">): void {
    this.#over = true;
    this.response = this.#response({ ...ending, usage: this.#usage, reason: ending.status === "incomplete" ? this.#reason : undefined });
    this.#tell(`response.${ending.status}`, { response: this.response });
  }

  #response(progress: Omit<Progress, "output">): JsonObject {
    return responseObject(this.#call, this.#facts, { model: this.#model, ...progress, output: this.#output });
  }

  /** Must what comes wait? Only a call's own arguments can go on with it. */
  get #blocked(): boolean {
    return this.#open instanceof CallItem && !this.#open.whole;
  }

  #putOff(event: Content): void {
    if (event.type === "tool-call") {
      this.#waiting.push(this.#callOf(event));
      return;
    }
    const last = this.#waiting.at(-1);
    if (Array.isArray(last)) last.push(event);
    else this.#waiting.push([event]);
  }

  /** Lets what waits have its turn as long as nothing has to be waited for. */
  #goOn(): void {
    while (!this.#blocked) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#follow(next);
    }
  }

  #follow(next: CallItem | Content[]): void {
    if (Array.isArray(next)) for (const event of next) this.#take(event);
    else this.#openCall(next);
  }

  /** No more arguments will come: everything that waits follows, and the last item ends as the answer did. */
  #closeAll(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#follow(next);
    this.#close(this.#reason === undefined ? "completed" : "incomplete");
  }

  #take(event: Content): void {
    switch (event.type) {
      case "text":
      case "refusal":
        if (event.text !== "") this.#message().say(event.type === "text" ? "output_text" : "refusal", event.text);
        return;
      case "annotation":
        if (this.#open instanceof MessageItem) this.#open.annotate(event.annotation);
        return;
      case "logprobs": {
        const tokens = tokensOf(event.logprobs);
        if (tokens.length > 0) this.#message().weigh(tokens);
        return;
      }
      case "thinking":
        if (event.text !== "") this.#reasoning().think(event.text);
        return;
      case "thinking-signature":
        this.#prove(event.signature);
        return;
      case "thinking-redacted": {
        const item = this.#openItem(new ReasoningItem());
        item.proof = encryptedRedaction(event.data);
        this.#close("completed");
        return;
      }
      case "tool-call":
        this.#openCall(this.#callOf(event));
        return;
      case "image":
        this.#picture(event.base64, event.mime);
        return;
      case "audio":
      case "tool-call-arguments":
      case "finish":
        // No request of this dialect asks for audio; the others are heard before.
        return;
      default:
        event satisfies never;
    }
  }

  #message(): MessageItem {
    return this.#open instanceof MessageItem ? this.#open : this.#openItem(new MessageItem());
  }

  #reasoning(): ReasoningItem {
    return this.#open instanceof ReasoningItem ? this.#open : this.#openItem(new ReasoningItem());
  }

  /** Proof ends the thinking it is of. OpenAI's own keeps its id, without which it is worth nothing, where no other id was told yet. */
  #prove(signature: string): void {
    const own = this.#open instanceof ReasoningItem ? undefined : readResponsesProof(signature);
    const item = this.#open instanceof ReasoningItem ? this.#open : this.#openItem(new ReasoningItem(), own?.id);
    item.proof = own?.encrypted ?? encryptedProof(signature);
    this.#close("completed");
  }

  /** A picture comes whole. */
  #picture(result: string, mime: string): void {
    this.#close("completed");
    const output_index = this.#output.length;
    const item = { type: "image_generation_call", id: this.#idOf("ig") };
    this.#tell("response.output_item.added", { output_index, item: { ...item, status: "in_progress", result: null } });
    this.#tell("response.image_generation_call.in_progress", { output_index, item_id: item.id });
    this.#tell("response.image_generation_call.completed", { output_index, item_id: item.id });
    this.#done({ ...item, status: "completed", result, output_format: mime.replace(/^image\//, "") });
  }

  #callOf({ id, name, call }: Extract<ChatEvent, { readonly type: "tool-call" }>): CallItem {
    this.#book ??= toolBook(this.#call.json);
    let callId = fittingId(id, CALL_ID);
    // Servers may give two calls one id; clients put results in their places by it.
    for (let salt = call; this.#callIds.has(callId); salt++) callId = fittingId(`${id}/${salt}`, /^(?!)/);
    this.#callIds.add(callId);
    const item = new CallItem(callId, this.#book.named.get(name) ?? { kind: "function", name });
    this.#calls.set(call, item);
    return item;
  }

  #openCall(call: CallItem): void {
    this.#openItem(call).catchUp();
  }

  #openItem<Item extends OpenItem>(item: Item, id?: string): Item {
    this.#close("completed");
    const output_index = this.#output.length;
    const item_id = id ?? this.#idOf(item.prefix);
    const announced = item.open(item_id, (type, fields) => this.#tell(type, { item_id, output_index, ...fields }));
    this.#tell("response.output_item.added", { output_index, item: announced });
    this.#open = item;
    return item;
  }

  #close(status: ItemStatus): void {
    const item = this.#open;
    if (item === undefined) return;
    this.#open = undefined;
    // An answer may be cut right after a call: what is whole is whole, and of several calls any may have been cut.
    const cut = item instanceof CallItem ? this.#reason !== undefined && !item.whole : status === "incomplete";
    this.#done(item.close(cut ? "incomplete" : "completed"));
  }

  #done(item: JsonObject): void {
    this.#tell("response.output_item.done", { output_index: this.#output.length, item });
    this.#output.push(item);
  }

  #idOf(prefix: string): string {
    return `${prefix}_${rootId(this.#facts)}_${this.#output.length}`;
  }
}
