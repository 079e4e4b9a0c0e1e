import type { JsonObject } from "../../../../vocabulary/json.ts";
import { ObjectText } from "./object-text.ts";

/** A content block from its start to its stop. */
interface Block {
  readonly kind: "text" | "thinking" | "redacted" | "picture" | "tool";
  /** The block as it is opened. */
  readonly opening: JsonObject;
  /** What it has to say once it is its turn. */
  readonly waiting: JsonObject[];
  /** Of a tool call: how far its arguments have come. */
  readonly input?: ObjectText;
  /** Said just before it stops. */
  last?: JsonObject;
  /** It has stopped: nothing can be added any more. */
  stopped: boolean;
}

/**
 * The content blocks of one message, in line: exactly one is open, and what later ones say waits until it is done. A tool call is done when
 * its arguments are complete, anything else as soon as another block follows.
 */
export class BlockLine {
  readonly #line: Block[] = [];
  readonly #calls = new Map<number, Block>();
  #index = 0;

  text(text: string): JsonObject[] {
    return this.#say(this.#last("text"), textBlock, { type: "text_delta", text });
  }

  /** A picture, as a text of its own. */
  picture(text: string): JsonObject[] {
    return this.#say(undefined, () => ({ ...textBlock(), kind: "picture" }), { type: "text_delta", text });
  }

  thinking(thinking: string): JsonObject[] {
    return this.#say(this.#unsigned(), thinkingBlock, { type: "thinking_delta", thinking });
  }

  /** Proof of the thinking just before it, or of thinking that is not shown. */
  signature(signature: string): JsonObject[] {
    const open = this.#unsigned();
    const block = open ?? thinkingBlock();
    block.last = { type: "signature_delta", signature };
    return open === undefined ? this.#join(block) : [];
  }

  redacted(data: string): JsonObject[] {
    return this.#join({ kind: "redacted", opening: { type: "redacted_thinking", data }, waiting: [], stopped: false });
  }

  call(call: number, id: string, name: string): JsonObject[] {
    const block: Block = { kind: "tool", opening: { type: "tool_use", id, name, input: {} }, waiting: [], input: new ObjectText(), stopped: false };
    // A call without a word of arguments, or with words that are no object, has none.
    block.last = { type: "input_json_delta", partial_json: "{}" };
    this.#calls.set(call, block);
    return this.#join(block);
  }

  argumentText(call: number, text: string): JsonObject[] {
    const block = this.#calls.get(call);
    const partial = block?.input?.take(text) ?? "";
    if (block === undefined || partial === "" || block.stopped) return [];
    block.last = undefined;
    return [...this.#add(block, { type: "input_json_delta", partial_json: partial }), ...this.#advance()];
  }

  /** A source of the text just before it; without such a text there is nothing it could belong to. */
  citation(citation: JsonObject): JsonObject[] {
    const text = this.#last("text");
    return text === undefined ? [] : this.#add(text, { type: "citations_delta", citation });
  }

  /** Nothing more comes: every block has its turn and stops. */
  end(): JsonObject[] {
    const events: JsonObject[] = [];
    while (this.#line.length > 0) events.push(...this.#next());
    return events;
  }

  #last(kind: Block["kind"]): Block | undefined {
    const last = this.#line.at(-1);
    return last?.kind === kind ? last : undefined;
  }

  #unsigned(): Block | undefined {
    const last = this.#last("thinking");
    return last?.last === undefined ? last : undefined;
  }

  /** Says it in a block that is in line, or in a new one behind all others. */
  #say(block: Block | undefined, make: () => Block, delta: JsonObject): JsonObject[] {
    if (block !== undefined) return this.#add(block, delta);
    const joining = make();
    joining.waiting.push(delta);
    return this.#join(joining);
  }

  /** What a block in line says: now, when it is its turn. */
  #add(block: Block, delta: JsonObject): JsonObject[] {
    if (block === this.#line[0]) return [this.#deltaOf(delta)];
    block.waiting.push(delta);
    return [];
  }

  #join(block: Block): JsonObject[] {
    this.#line.push(block);
    return this.#line.length === 1 ? this.#open(block) : this.#advance();
  }

  /** Lets those go who are done while others wait. */
  #advance(): JsonObject[] {
    const events: JsonObject[] = [];
    while (this.#line.length > 1 && isDone(this.#line[0])) events.push(...this.#next());
    return events;
  }

  /** Stops the open block and opens the one behind it. */
  #next(): JsonObject[] {
    const block = this.#line.shift();
    if (block === undefined) return [];
    block.stopped = true;
    const events = [...(block.last === undefined ? [] : [this.#deltaOf(block.last)]), { type: "content_block_stop", index: this.#index++ }];
    const following = this.#line[0];
    return following === undefined ? events : [...events, ...this.#open(following)];
  }

  #open(block: Block): JsonObject[] {
    const said = block.waiting.splice(0).map((delta) => this.#deltaOf(delta));
    return [{ type: "content_block_start", index: this.#index, content_block: block.opening }, ...said];
  }

  #deltaOf(delta: JsonObject): JsonObject {
    return { type: "content_block_delta", index: this.#index, delta };
  }
}

function isDone(block: Block | undefined): boolean {
  return block?.input === undefined || block.input.progress === "whole" || block.input.progress === "other";
}

function textBlock(): Block {
  return { kind: "text", opening: { type: "text", text: "" }, waiting: [], stopped: false };
}

function thinkingBlock(): Block {
  return { kind: "thinking", opening: { type: "thinking", thinking: "", signature: "" }, waiting: [], stopped: false };
}
