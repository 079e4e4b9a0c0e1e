import type { Peers } from "../able/option.ts";

/** For so long it serves again. Milliseconds. */
const LASTS = 100;

/**
 * What is known of many together, worked out once in a while: they are spread over memory that other work has used since, and to look at all of
 * them costs more than the whole choice.
 */
export function lately<Known>(workOut: (peers: Peers) => Known): (peers: Peers, now: number) => Known {
  // By their list of places: that of all of them is one object, and comes again.
  const kept = new WeakMap<Int32Array, { readonly known: Known; readonly until: number }>();
  return (peers, now) => {
    const before = kept.get(peers.indexes);
    if (before !== undefined && now < before.until) return before.known;
    const known = workOut(peers);
    kept.set(peers.indexes, { known, until: now + LASTS });
    return known;
  };
}
