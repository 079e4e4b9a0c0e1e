import type { Option } from "../able/option.ts";
import type { Score } from "./strategy.ts";

/** How busy it is: its calls (`Standings.calls`) by what it takes at once, where all of its model say, else by its weight. */
export function loadOf({ slot, capacity }: Option, calls: Int32Array): number {
  return (calls[slot] as number) / capacity;
}

/** What `loadOf` looks at. */
export function loadScore({ standing: { inFlight, queued }, capacity }: Option): Score {
  return queued === 0 ? { in_flight: inFlight, capacity } : { in_flight: inFlight, queued, capacity };
}
