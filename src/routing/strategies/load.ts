import type { Option } from "../able/option.ts";
import type { Score } from "./strategy.ts";

/** Calls it has been given and has not answered. */
export function callsOf({ standing }: Option): number {
  return standing.inFlight + standing.queued;
}

/** How busy it is: its calls by what it takes at once, where all of its model say, else by its weight. */
export function loadOf(option: Option): number {
  return callsOf(option) / option.capacity;
}

/** What `loadOf` looks at. */
export function loadScore({ standing: { inFlight, queued }, capacity }: Option): Score {
  return queued === 0 ? { in_flight: inFlight, capacity } : { in_flight: inFlight, queued, capacity };
}
