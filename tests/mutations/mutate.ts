import type { Json, JsonObject } from "../../src/vocabulary/json.ts";

/** Values that are rarely where they belong: of the wrong type, huge, empty, or named like what every object has. */
const ODD: readonly Json[] = [
  ...[null, true, false, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER],
  ...["", "x", "\ud800", "data:image/png;base64,AAAA", "https://x.test/a.png", "{}", "[", "auto", "none", "required"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty"],
  ...[[], [null], [[]], [1, 2]],
  ...[{}, { a: null }, { type: "text" }, { type: "image_url" }, { type: "function" }, { role: "user" }, { constructor: 1, toString: null }],
];

/** Names that mean something somewhere, and some that every object has. */
const NAMES: readonly string[] = [
  ...["n", "stop", "tools", "tool_choice", "response_format", "logprobs", "top_logprobs", "reasoning_effort", "max_tokens", "stream_options", "metadata"],
  ...["content", "tool_calls", "thinking", "usage", "choices", "delta", "finish_reason", "type", "index", "parts", "candidates", "error", "message"],
  ...["constructor", "toString", "valueOf"],
];

/** Changes JSON here and there: values are lost, doubled, exchanged for odd ones or for some of other documents. */
export class Mutator {
  readonly #random: () => number;
  readonly #others: readonly Json[];

  constructor(random: () => number, others: readonly Json[]) {
    this.#random = random;
    this.#others = others;
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[Math.floor(this.#random() * items.length)] as Item;
  }

  /** True once in so many times. */
  once(times: number): boolean {
    return this.#random() * times < 1;
  }

  /** One to three changes to a copy of the document. */
  mutated(document: Json): Json {
    const copy = { document: structuredClone(document) };
    for (let changes = 1 + Math.floor(this.#random() * 3); changes > 0 && "document" in copy; changes--) this.#change(this.pick(placesIn(copy)));
    // What JSON cannot say, such as holes in lists, does not come over the wire.
    return JSON.parse(JSON.stringify(copy.document ?? null)) as Json;
  }

  /** The list with one change: an element lost, doubled, or everything after it cut off; or an element changed. */
  shuffled<Item>(items: readonly Item[], change: (item: Item) => Item): Item[] {
    const at = Math.floor(this.#random() * items.length);
    const chance = this.#random();
    if (chance < 0.15) return items.toSpliced(at, 1);
    if (chance < 0.25) return items.toSpliced(at, 0, this.pick(items));
    if (chance < 0.3) return items.slice(0, at);
    return items.map((item, index) => (index === at ? change(item) : item));
  }

  #change({ holder, name }: Place): void {
    const chance = this.#random();
    if (chance < 0.2) delete holder[name];
    else if (chance < 0.7) holder[name] = structuredClone(this.pick(ODD));
    else if (chance < 0.85) holder[name] = this.#fromElsewhere();
    else if (Array.isArray(holder)) holder.push(structuredClone(holder[Number(name)] ?? null));
    else holder[this.pick(NAMES)] = structuredClone(this.pick(ODD));
  }

  #fromElsewhere(): Json {
    const { holder, name } = this.pick(placesIn({ document: this.pick(this.#others) }));
    return structuredClone(holder[name] ?? null);
  }
}

/** A member of an object or a list. */
interface Place {
  readonly holder: JsonObject;
  readonly name: string;
}

function placesIn(document: JsonObject): Place[] {
  return Object.entries(document).flatMap(([name, value]) => [
    { holder: document, name },
    ...(typeof value === "object" && value !== null ? placesIn(value as JsonObject) : []),
  ]);
}
