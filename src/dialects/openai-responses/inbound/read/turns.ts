import type { AssistantPart, Message } from "../../../../vocabulary/chat.ts";
import { placed } from "../../../shared/places.ts";

/**
 * Items of `input` are flat: what was thought, said and called stands side by side. Messages are not: all of one turn's calls belong
 * into one, and their results after it. This puts the one into the other.
 */
export class Turns {
  readonly messages: Message[] = [];
  /** The parts of the assistant's message that may still grow. */
  #open: AssistantPart[] | undefined;

  /** Anybody's words but the assistant's. They end its turn. */
  add(message: Exclude<Message, { role: "assistant" }>, place: string): void {
    this.#open = undefined;
    this.messages.push(placed(message, place));
  }

  /** One more message of the assistant: of its own unless calls wait for their results, which nothing may stand before. */
  say(parts: readonly AssistantPart[], place: string): void {
    if (this.#open?.some(isSaid) && !this.#open.some((part) => part.type === "tool-call")) this.#open = undefined;
    this.#grow(parts, place);
  }

  /** Thinking and calls belong to what stands beside them. */
  join(part: AssistantPart, place: string): void {
    this.#grow([part], place);
  }

  #grow(parts: readonly AssistantPart[], place: string): void {
    if (parts.length === 0) return;
    if (this.#open === undefined) {
      this.#open = [];
      this.messages.push(placed({ role: "assistant", parts: this.#open }, place));
    }
    this.#open.push(...parts.map((part) => placed(part, place)));
  }
}

function isSaid({ type }: AssistantPart): boolean {
  return type === "text" || type === "refusal" || type === "image";
}
