import type { Peers } from "../able/option.ts";
import { loadScore } from "./load.ts";
import type { Places } from "./places.ts";
import type { Strategy } from "./strategy.ts";

/** Whoever has the least to do; of equals the one who was first longest ago. */
export function leastBusy(): Strategy {
  const reckoning = { first: "the least busy", later: "busier, or later in turn", score: loadScore };
  return {
    reckon(group, places, { calls }) {
      placeByLoad(group, places, calls);
      return reckoning;
    },
  };
}

/** The key of each is its load (`loadOf`), from columns alone. */
export function placeByLoad({ indexes, slots, capacities }: Peers, { key }: Places, calls: Int32Array): void {
  for (let at = 0; at < indexes.length; at++) key[indexes[at] as number] = (calls[slots[at] as number] as number) / (capacities[at] as number);
}
