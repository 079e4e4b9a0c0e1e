import type { Option, Peers } from "../able/option.ts";
import type { Places } from "./places.ts";
import type { Score } from "./score.ts";

/** How busy it is: its calls (`Standings.calls`) by what it takes at once, where all of its model say, else by its weight. */
export function loadOf({ slot, capacity }: Option, calls: Int32Array): number {
  return (calls[slot] as number) / capacity;
}

/** The key of each is its load, from columns alone. */
export function placeByLoad({ indexes, slots, capacities }: Peers, { key }: Places, calls: Int32Array): void {
  for (let at = 0; at < indexes.length; at++) key[indexes[at] as number] = (calls[slots[at] as number] as number) / (capacities[at] as number);
}

/** What `loadOf` looks at. */
export function loadScore({ standing: { inFlight, queued }, capacity }: Option): Score {
  return queued === 0 ? { in_flight: inFlight, capacity } : { in_flight: inFlight, queued, capacity };
}
