import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";

/** Tells of one event: its type, and what it says. */
export type Tell = (type: string, fields: JsonObject) => void;

/** How an item ended: `incomplete` when the answer was cut in the middle of it. */
export type ItemStatus = "completed" | "incomplete";

/** An item of a response that still grows. What happens to it is told as it happens. */
export interface OpenItem {
  /** What its id begins with. */
  readonly prefix: string;
  /** The item as it is announced. Everything after is told through `tell`. */
  open(id: string, tell: Tell): JsonObject;
  /** Tells what is still owed, and gives the whole item. */
  close(status: ItemStatus): JsonObject;
  /** The item as far as it came. */
  soFar(): JsonObject;
}

/** What the model said: text and refusals, one part after the other. */
export class MessageItem implements OpenItem {
  readonly prefix = "msg";
  readonly #parts: JsonObject[] = [];
  #id = "";
  #tell: Tell = () => {};
  #text = "";
  #annotations: JsonObject[] = [];
  #logprobs: JsonObject[] = [];

  open(id: string, tell: Tell): JsonObject {
    this.#id = id;
    this.#tell = tell;
    return this.#item("in_progress");
  }

  /** More text, or more of a refusal. */
  say(type: "output_text" | "refusal", text: string): void {
    this.#begin(type);
    this.#text += text;
    const logprobs = type === "output_text" ? { logprobs: [] } : {};
    this.#tell(`response.${type}.delta`, { content_index: this.#index, delta: text, ...logprobs });
  }

  /** A source of the text so far; without text there is nothing it could be the source of. */
  annotate(annotation: JsonObject): void {
    if (this.#parts.at(-1)?.["type"] !== "output_text") return;
    const flat = flatAnnotation(annotation, this.#text.length);
    this.#tell("response.output_text.annotation.added", {
      content_index: this.#index,
      annotation_index: this.#annotations.push(flat) - 1,
      annotation: flat,
    });
  }

  /** Log probabilities of the text before them: in a delta of their own, without text. */
  weigh(logprobs: readonly JsonObject[]): void {
    this.#begin("output_text");
    this.#logprobs.push(...logprobs);
    this.#tell("response.output_text.delta", { content_index: this.#index, delta: "", logprobs: [...logprobs] });
  }

  close(status: ItemStatus): JsonObject {
    this.#end();
    return this.#item(status);
  }

  soFar(): JsonObject {
    this.#keep();
    return this.#item("incomplete");
  }

  get #index(): number {
    return this.#parts.length - 1;
  }

  #begin(type: "output_text" | "refusal"): void {
    if (this.#parts.at(-1)?.["type"] === type) return;
    this.#end();
    this.#text = "";
    this.#annotations = [];
    this.#logprobs = [];
    const part = type === "output_text" ? { type, text: "", annotations: [], logprobs: [] } : { type, refusal: "" };
    this.#parts.push(part);
    this.#tell("response.content_part.added", { content_index: this.#index, part });
  }

  #end(): void {
    const part = this.#keep();
    if (part === undefined) return;
    const { type, annotations: _, ...said } = part;
    this.#tell(`response.${type}.done`, { content_index: this.#index, ...said });
    this.#tell("response.content_part.done", { content_index: this.#index, part });
  }

  /** Puts what was gathered of the open part in its place. */
  #keep(): JsonObject | undefined {
    const type = this.#parts.at(-1)?.["type"];
    if (type === undefined) return undefined;
    const part: JsonObject =
      type === "refusal" ? { type, refusal: this.#text } : { type, text: this.#text, annotations: this.#annotations, logprobs: this.#logprobs };
    this.#parts[this.#index] = part;
    return part;
  }

  #item(status: string): JsonObject {
    return { type: "message", id: this.#id, status, role: "assistant", content: [...this.#parts] };
  }
}

/** A citation as Responses have it: flat, where chats nest it. Without a range it is of all the text so far. */
function flatAnnotation(annotation: JsonObject, length: number): JsonObject {
  if (annotation["type"] !== "url_citation") return annotation;
  const { url, title, start_index, end_index } = { ...annotation, ...objectOf(annotation["url_citation"]) };
  const address = stringOf(url) ?? "";
  return {
    type: "url_citation",
    url: address,
    title: stringOf(title) ?? address,
    start_index: numberOf(start_index) ?? 0,
    end_index: numberOf(end_index) ?? length,
  };
}

/** The list in OpenAI's `logprobs`, each token with all members that strict clients insist on. */
export function tokensOf(logprobs: unknown): JsonObject[] {
  const complete = (value: unknown): JsonObject => {
    const { token, logprob, bytes } = objectOf(value);
    return { token: stringOf(token) ?? "", logprob: numberOf(logprob) ?? 0, bytes: listOf(bytes) };
  };
  return listOf(objectOf(logprobs)["content"]).map((value) => ({ ...complete(value), top_logprobs: listOf(objectOf(value)["top_logprobs"]).map(complete) }));
}

/** What the model thought, as a summary of one part; or nothing to read, only the proof. */
export class ReasoningItem implements OpenItem {
  readonly prefix = "rs";
  #id = "";
  #tell: Tell = () => {};
  #text: string | undefined;
  /** For `encrypted_content`: what may be given back to whoever thought it. */
  proof: string | undefined;

  open(id: string, tell: Tell): JsonObject {
    this.#id = id;
    this.#tell = tell;
    return { type: "reasoning", id, summary: [] };
  }

  think(text: string): void {
    if (this.#text === undefined) this.#tell("response.reasoning_summary_part.added", { summary_index: 0, part: { type: "summary_text", text: "" } });
    this.#text = (this.#text ?? "") + text;
    this.#tell("response.reasoning_summary_text.delta", { summary_index: 0, delta: text });
  }

  close(): JsonObject {
    if (this.#text !== undefined) {
      this.#tell("response.reasoning_summary_text.done", { summary_index: 0, text: this.#text });
      this.#tell("response.reasoning_summary_part.done", { summary_index: 0, part: { type: "summary_text", text: this.#text } });
    }
    return this.soFar();
  }

  soFar(): JsonObject {
    return {
      type: "reasoning",
      id: this.#id,
      summary: this.#text === undefined ? [] : [{ type: "summary_text", text: this.#text }],
      ...(this.proof === undefined ? {} : { encrypted_content: this.proof }),
    };
  }
}
