import { fittingId } from "../../shared/tool-ids.ts";

/**
 * Which result answers which call. Google's clients may leave ids out and go by name and order; everybody else goes by id. So a call without
 * one gets an id that is the same each time the conversation is sent, and a result without one that of the oldest call of its name in its round.
 */
export class CallIds {
  /** Names by id, and ids without a result by name, of the round that is open. */
  readonly #names = new Map<string, string>();
  readonly #open = new Map<string, string[]>();
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
    if (open === undefined) this.#open.set(name, [id]);
    else open.push(id);
    return id;
  }

  /** The id of the call that a result answers. One that answers none keeps its own, or gets one like no call's. */
  ofResult(name: string, own: string | undefined): string {
    const open = this.#open.get(name) ?? [];
    const at = own ? open.indexOf(own) : 0;
    if (own && at < 0 && (this.#names.has(own) || open.length === 0)) return own;
    const [id] = open.splice(Math.max(0, at), 1);
    return id ?? fittingId(`${name}/no call`, /^$/);
  }

  /** The name of the call with this id. */
  nameOf(id: string): string | undefined {
    return this.#names.get(id);
  }
}
