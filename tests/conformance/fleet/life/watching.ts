import { setTimeout as pause } from "node:timers/promises";
import type { RunningEngine } from "./house.ts";

/** How often it is looked. Milliseconds. */
const LOOK = 50;

/** Looks all the time at who runs. */
export interface EngineWatch {
  /** The most of these engines that ever ran at once. */
  mostOf(engines: readonly string[]): number;
  stop(): Promise<void>;
}

export function watchEngines(running: () => Promise<readonly RunningEngine[]>): EngineWatch {
  /** Every set of starts that was seen at once, by their names. */
  const seen = new Map<string, readonly RunningEngine[]>();
  let over = false;
  const looking = (async () => {
    while (!over) {
      const found = await running();
      seen.set(found.map(({ name }) => name).join(" "), found);
      await pause(LOOK);
    }
  })();
  return {
    mostOf: (engines) => Math.max(0, ...[...seen.values()].map((found) => found.filter(({ engine }) => engines.includes(engine)).length)),
    async stop() {
      over = true;
      await looking;
    },
  };
}
