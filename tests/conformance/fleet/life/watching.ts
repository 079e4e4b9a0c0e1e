import { setTimeout as pause } from "node:timers/promises";
import type { LifeHouse, RunningEngine } from "./house.ts";

/** How often it is looked. Milliseconds. */
const LOOK = 25;

/** Looks at a house all the time. */
export interface EngineWatch {
  /** As it was a moment ago. */
  latest(): readonly RunningEngine[];
  /** The most of these engines of an installation that ever ran at once. */
  mostOf(install: string, engines: readonly string[]): number;
  stop(): Promise<void>;
}

export function watchEngines(house: Pick<LifeHouse, "running">): EngineWatch {
  /** Every set of starts that was seen at once, by their names. */
  const seen = new Map<string, readonly RunningEngine[]>();
  let latest: readonly RunningEngine[] = [];
  let over = false;
  const looking = (async () => {
    while (!over) {
      latest = await house.running();
      seen.set(latest.map(({ name }) => name).join(" "), latest);
      await pause(LOOK);
    }
  })();
  return {
    latest: () => latest,
    mostOf: (install, engines) =>
      Math.max(0, ...[...seen.values()].map((found) => found.filter((one) => one.install === install && engines.includes(one.engine)).length)),
    async stop() {
      over = true;
      await looking;
    },
  };
}
