import { fittingId } from "../../../shared/conversation/tool-ids.ts";

/**
 * Which result answers which call. Google's clients may leave ids out and go by name and order; everybody else goes by id. So a call without
 * one gets an id that is the same each time the conversation is sent, and a result without one that of the oldest call of its name in its round.
 * No step depends on how many there are.
 */
export class CallIds {
  readonly #names = new Map<string, string>();
  /** Ids without a result, the oldest first, by name; of the round that is open. */
  readonly #open = new Map<string, Set<string>>();
  /** Calls of each name so far. */
  readonly #counts = new Map<string, number>();

  /** The model speaks again: calls that were not answered by now never are. */
  newRound(): void {
    this.#open.clear();
  }

  /** The id of a call: its own, or one made for it. */
  ofCall(name: string, own: string | undefined): string {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    const id = own || fittingId(`${name}/${count}`, /^$/);
    this.#names.set(id, name);
    const open = this.#open.get(name);
    if (open === undefined) this.#open.set(name, new Set([id]));
    else open.add(id);
    return id;
  }

  /** The id of the call that a result answers. One that answers none keeps its own, or gets one like no call's. */
  ofResult(name: string, own: string | undefined): string {
    const open = this.#open.get(name);
    // An id that no call has may still be meant for one that came without.
    const [oldest] = own && this.#names.has(own) ? [own] : (open ?? []);
    const id = oldest ?? (own || fittingId(`${name}/no call`, /^$/));
    open?.delete(id);
    return id;
  }

  /** The name of the call with this id. */
  nameOf(id: string): string | undefined {
    return this.#names.get(id);
  }
}
