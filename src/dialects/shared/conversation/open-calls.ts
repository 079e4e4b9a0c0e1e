import type { TextPart, ToolCallPart } from "../../../vocabulary/chat.ts";

/** The result of a call nobody answered: upstreams refuse one without. */
export const INTERRUPTED: TextPart = { type: "text", text: "The tool call was interrupted: no result was given." };

/** Calls without a result yet, by the ids the client knows them by. No step depends on how many there are. */
export class OpenCalls {
  readonly #inOrder = new Set<ToolCallPart>();
  readonly #byId = new Map<string, Set<ToolCallPart>>();
  /** Ids in use, each with the number that would make its next use distinct. */
  readonly #numbers = new Map<string, number>();

  /** Has every call got its result? */
  get none(): boolean {
    return this.#inOrder.size === 0;
  }

  /** The call with an id of its own. */
  add(part: ToolCallPart): ToolCallPart {
    const call = { ...part, id: this.#distinct(part.id) };
    this.#inOrder.add(call);
    const alike = this.#byId.get(part.id);
    if (alike === undefined) this.#byId.set(part.id, new Set([call]));
    else alike.add(call);
    return call;
  }

  /** The oldest call of this id: its result has come. */
  take(id: string): ToolCallPart | undefined {
    for (const call of this.#byId.get(id) ?? []) {
      this.#byId.get(id)?.delete(call);
      this.#inOrder.delete(call);
      return call;
    }
    return undefined;
  }

  /** All that are left, the oldest first: nobody will answer them. */
  takeAll(): ToolCallPart[] {
    const all = [...this.#inOrder];
    this.#inOrder.clear();
    this.#byId.clear();
    return all;
  }

  /** `id`, or `id` with the first number that makes it new. */
  #distinct(id: string): string {
    const next = this.#numbers.get(id);
    if (next === undefined) {
      this.#numbers.set(id, 2);
      return id;
    }
    let number = next;
    while (this.#numbers.has(`${id}_${number}`)) number++;
    this.#numbers.set(id, number + 1);
    return this.#distinct(`${id}_${number}`);
  }
}
