import type { Guest } from "./guests.ts";
import type { House } from "./house.ts";

/** Lines of a batch: patient, and put off until their model is up. */
export interface BatchLines {
  readonly model: string;
  /** Whose hours they wait for. */
  readonly engine: string;
  readonly lines: number;
  /** So many at once. */
  readonly parallel: number;
  /** So long each takes. Milliseconds. */
  readonly length: number;
}

/** Behind all others. */
const PRIORITY = -50;

/**
 * Goes on with a batch as its runner does, without its store and its files: asks its lines one after the other as long as the model may be asked, and
 * a line that was not answered again. To be called now and then; `src/batches/runner.ts` takes its place, whose `Capacity` the fleet answers.
 */
export function batchRunner(house: House, { model, engine, lines, parallel, length }: BatchLines): { readonly asked: readonly Guest[]; go(): void } {
  const asked: Guest[] = [];
  const over = (fate: Guest["fate"]) => fate === "refused" || fate === "cut" || fate === "lost";
  return {
    asked,
    go() {
      const open = asked.filter(({ fate }) => !over(fate));
      const running = open.filter(({ fate }) => fate !== "answered").length;
      if (house.fleet.readiness(engine).type !== "ready") return;
      for (let more = Math.min(parallel - running, lines - open.length); more > 0; more--) asked.push(house.ask({ model, length, priority: PRIORITY }));
    },
  };
}
