import type { ChatEvent } from "../../../vocabulary/events.ts";
import { type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { responsesProof } from "../../shared/conversation/proofs.ts";
import { annotationEvent, imageEvent, logprobsEvent } from "./read-extras.ts";

/** One thing of an answer's output, as far as it has been told. */
interface Item {
  /** Which tool call of the answer it is. */
  call?: number;
  /** What of it was told: `text/0` for the text of its first part. */
  readonly told: Set<string>;
  /** How many citations of a part were told. */
  readonly citations: Map<number, number>;
  /** Where its thinking is read from, once some was told: some upstreams give it twice. */
  thinks?: "summary" | "content";
  done: boolean;
}

function newItem(): Item {
  return { told: new Set(), citations: new Map(), done: false };
}

/** Where a piece belongs: an item, and a part of it. */
interface Place {
  readonly item: Item;
  readonly part: number;
}

/**
 * Reads an answer's output, a piece at a time or an item at a time, and tells everything once: what came in pieces is not told again when the
 * item is done, nor when the answer is.
 */
export class ItemReader {
  /** By `output_index`, which no two items share, and by id, which some upstreams leave out, give twice (xAI) or change between events. */
  readonly #byIndex = new Map<number, Item>();
  readonly #byId = new Map<string, Item>();
  #calls = 0;
  /** The last part of thinking that was told: the next one begins after a blank line. */
  #thought: Place | undefined;

  get called(): boolean {
    return this.#calls > 0;
  }

  /** The events of one of the stream's that is about the output; `undefined` for any other. */
  read(json: JsonObject): ChatEvent[] | undefined {
    const delta = stringOf(json["delta"]) ?? "";
    switch (json["type"]) {
      case "response.output_item.added":
        return this.#open(this.#itemOf(json, objectOf(json["item"])), objectOf(json["item"]));
      case "response.output_item.done":
        return this.#finish(this.#itemOf(json, objectOf(json["item"])), objectOf(json["item"]));
      case "response.output_text.delta":
        return this.#text(this.#placeOf(json), delta, json["logprobs"]);
      case "response.output_text.done":
        return this.#unlessTold("text", this.#placeOf(json), (place) => this.#text(place, stringOf(json["text"]) ?? "", json["logprobs"]));
      case "response.output_text.annotation.added":
        return this.#citation(this.#placeOf(json), json["annotation"]);
      case "response.refusal.delta":
        return this.#refusal(this.#placeOf(json), delta);
      case "response.refusal.done":
        return this.#unlessTold("refusal", this.#placeOf(json), (place) => this.#refusal(place, stringOf(json["refusal"]) ?? ""));
      case "response.reasoning_summary_text.delta":
        return this.#thinking("summary", this.#placeOf(json, "summary_index"), delta);
      case "response.reasoning_summary_text.done":
        return this.#unlessTold("summary", this.#placeOf(json, "summary_index"), (place) => this.#thinking("summary", place, stringOf(json["text"]) ?? ""));
      case "response.reasoning_text.delta":
        return this.#thinking("content", this.#placeOf(json), delta);
      case "response.reasoning_text.done":
        return this.#unlessTold("content", this.#placeOf(json), (place) => this.#thinking("content", place, stringOf(json["text"]) ?? ""));
      case "response.function_call_arguments.delta":
        return this.#arguments(this.#itemOf(json), delta);
      case "response.function_call_arguments.done":
        return this.#unlessTold("arguments", this.#placeOf(json), ({ item }) => this.#arguments(item, stringOf(json["arguments"]) ?? ""));
      default:
        return undefined;
    }
  }

  /** What of the whole output has not been told yet. */
  readOutput(output: readonly Json[]): ChatEvent[] {
    return output.flatMap((value, index) => {
      const json = objectOf(value);
      // Its place may have changed, where the whole leaves out what was told in between. Ids inside of the whole may be alike.
      const told = this.#byIndex.get(index) ?? this.#byId.get(stringOf(json["id"]) ?? "");
      return this.#finish(told ?? newItem(), json);
    });
  }

  #itemOf(event: JsonObject, json: JsonObject = {}): Item {
    const index = numberOf(event["output_index"]);
    const id = stringOf(event["item_id"]) ?? stringOf(json["id"]);
    const told = index === undefined ? this.#byId.get(id ?? "") : this.#byIndex.get(index);
    const item = told ?? newItem();
    if (index !== undefined) this.#byIndex.set(index, item);
    if (id !== undefined) this.#byId.set(id, item);
    return item;
  }

  #placeOf(event: JsonObject, index: "content_index" | "summary_index" = "content_index"): Place {
    return { item: this.#itemOf(event), part: numberOf(event[index]) ?? 0 };
  }

  #unlessTold(what: string, place: Place, tell: (place: Place) => ChatEvent[]): ChatEvent[] {
    const key = what === "arguments" ? what : `${what}/${place.part}`;
    return place.item.told.has(key) ? [] : tell(place);
  }

  #text({ item, part }: Place, text: string, logprobs: Json | undefined): ChatEvent[] {
    if (text === "" || item.done) return [];
    item.told.add(`text/${part}`);
    return [{ type: "text", choice: 0, text }, ...logprobsEvent(logprobs)];
  }

  #refusal({ item, part }: Place, text: string): ChatEvent[] {
    if (text === "" || item.done) return [];
    item.told.add(`refusal/${part}`);
    return [{ type: "refusal", choice: 0, text }];
  }

  #thinking(kind: "summary" | "content", { item, part }: Place, text: string): ChatEvent[] {
    item.thinks ??= kind;
    if (text === "" || item.done || item.thinks !== kind) return [];
    item.told.add(`${kind}/${part}`);
    const apart = this.#thought !== undefined && (this.#thought.item !== item || this.#thought.part !== part) ? "\n\n" : "";
    this.#thought = { item, part };
    return [{ type: "thinking", choice: 0, text: apart + text }];
  }

  #citation({ item, part }: Place, annotation: Json | undefined): ChatEvent[] {
    item.citations.set(part, (item.citations.get(part) ?? 0) + 1);
    return annotationEvent(annotation);
  }

  #arguments(item: Item, text: string): ChatEvent[] {
    // Of a call nobody has named yet the arguments are told when it is done.
    if (text === "" || item.done || item.call === undefined) return [];
    item.told.add("arguments");
    return [{ type: "tool-call-arguments", choice: 0, call: item.call, text }];
  }

  /** A call is told as soon as it has a name. */
  #open(item: Item, json: JsonObject): ChatEvent[] {
    const name = stringOf(json["name"]);
    if (item.call !== undefined || !name || (json["type"] !== "function_call" && json["type"] !== "custom_tool_call")) return [];
    const call = this.#calls++;
    item.call = call;
    return [{ type: "tool-call", choice: 0, call, id: stringOf(json["call_id"]) || stringOf(json["id"]) || `call_${call}`, name }];
  }

  /** The rest of an item that is done; nothing of it is told after that. */
  #finish(item: Item, json: JsonObject): ChatEvent[] {
    if (item.done) return [];
    const rest = [...this.#open(item, json), ...this.#restOf(item, json)];
    item.done = true;
    return rest;
  }

  #restOf(item: Item, json: JsonObject): ChatEvent[] {
    switch (json["type"]) {
      case "message":
        return json["role"] === "assistant" || json["role"] === undefined ? this.#restOfMessage(item, json) : [];
      case "reasoning":
        return this.#restOfReasoning(item, json);
      case "function_call":
        return item.told.has("arguments") ? [] : this.#arguments(item, stringOf(json["arguments"]) ?? "");
      case "custom_tool_call":
        return this.#arguments(item, JSON.stringify({ input: stringOf(json["input"]) ?? "" }));
      case "image_generation_call":
        return imageEvent(json);
      default:
        return [];
    }
  }

  #restOfMessage(item: Item, json: JsonObject): ChatEvent[] {
    return listOf(json["content"]).flatMap((value, index): ChatEvent[] => {
      const part = objectOf(value);
      const place: Place = { item, part: index };
      if (part["type"] === "refusal") return this.#unlessTold("refusal", place, () => this.#refusal(place, stringOf(part["refusal"]) ?? ""));
      const text = this.#unlessTold("text", place, () => this.#text(place, stringOf(part["text"]) ?? "", part["logprobs"]));
      const citations = listOf(part["annotations"]).slice(item.citations.get(index) ?? 0);
      return [...text, ...citations.flatMap(annotationEvent)];
    });
  }

  #restOfReasoning(item: Item, json: JsonObject): ChatEvent[] {
    const summary = listOf(json["summary"]);
    const kind = item.thinks ?? (summary.length > 0 ? "summary" : "content");
    const thinking = (kind === "summary" ? summary : listOf(json["content"])).flatMap((part, index) => {
      const place: Place = { item, part: index };
      return this.#unlessTold(kind, place, () => this.#thinking(kind, place, stringOf(objectOf(part)["text"]) ?? ""));
    });
    const id = stringOf(json["id"]) ?? "";
    const encrypted = stringOf(json["encrypted_content"]);
    return encrypted ? [...thinking, { type: "thinking-signature", choice: 0, signature: responsesProof(id, encrypted) }] : thinking;
  }
}
