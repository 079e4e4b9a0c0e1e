import type { Adopted } from "./core/event.ts";
import type { FleetState } from "./core/state.ts";
import type { FoundEngine } from "./drivers/driver.ts";

/** What becomes of what a driver has found. */
export interface Sorted {
  readonly adopt: readonly Adopted[];
  /** To be stopped and taken away. */
  readonly dispose: readonly FoundEngine[];
}

/** Of every engine the newest start that runs and is what the config describes goes on; all others are in the way. */
export function sorted(found: readonly FoundEngine[], { engines }: FleetState): Sorted {
  const newest = new Map<string, FoundEngine>();
  for (const one of found) {
    const fits = one.status === "running" && one.baseUrl !== undefined && engines.get(one.engine)?.spec.hash === one.hash;
    if (fits && one.generation > (newest.get(one.engine)?.generation ?? 0)) newest.set(one.engine, one);
  }
  return {
    adopt: [...newest.values()].map(({ engine, generation, baseUrl = "" }) => ({ engine, generation, baseUrl })),
    dispose: found.filter((one) => newest.get(one.engine) !== one),
  };
}
