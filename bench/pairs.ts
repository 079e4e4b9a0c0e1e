import { STRATEGIES } from "../src/vocabulary/model.ts";
import type { LoadResult } from "./load/plan.ts";
import { load, type Server } from "./servers.ts";
import { median } from "./statistics.ts";

/** What choosing among fifty deployments costs beside one alone: the same gateway, asked for different models. */
export const ROUTING = { id: "routing-50", title: "Choosing among 50 deployments, instant upstream, 16 connections" } as const;

/** One model beside one deployment alone, in many short turns. */
export interface Paired {
  readonly model: string;
  readonly pairs: readonly (readonly [alone: LoadResult, among: LoadResult])[];
}

export interface PairPace {
  readonly pairs: number;
  readonly seconds: number;
  /** For each model, before the first pair: until its code is compiled. */
  readonly warmUpSeconds: number;
}

/**
 * CPU is told to a few microseconds only from many pairs: a machine's slow moments come and go within a second, and are often ten times what
 * routing costs. Each comes first in every other pair, as whoever comes first pays for what the one before left in the caches. The first row
 * is one deployment beside itself: what a difference of nothing looks like.
 */
export async function measurePairs(gateway: Server, { pairs, seconds, warmUpSeconds }: PairPace): Promise<Paired[]> {
  const view = (name: string, model: string): Server => ({ ...gateway, name, ask: (kind) => ({ ...gateway.ask(kind), model }) });
  const alone = view("one deployment", "bench-instant");
  const views = [
    view("one deployment again", "bench-instant"),
    view("an engine of ours", "bench-engine"),
    ...STRATEGIES.map((strategy) => view(`50, ${strategy}`, `bench-${strategy}`)),
  ];
  const turn = (server: Server, time: number) => load(server, "instant", { kind: "unary", connections: 16, seconds: time, warmUpSeconds: 0 });
  for (const one of views) await turn(one, warmUpSeconds);
  const measured = views.map(({ name }): { model: string; pairs: [LoadResult, LoadResult][] } => ({ model: name, pairs: [] }));
  for (let round = 0; round < pairs; round++) {
    for (const [index, one] of views.entries()) {
      const before = round % 2 === 0 ? await turn(alone, seconds) : undefined;
      const among = await turn(one, seconds);
      measured[index]?.pairs.push([before ?? (await turn(alone, seconds)), among]);
    }
  }
  return measured;
}

/** What is added, in microseconds of CPU for each answer: the median of the pairs, and its standard error as the scatter of the pairs has it. */
export function added({ pairs }: Paired): { readonly median: number; readonly error: number } {
  const differences = pairs.map(([alone, among]) => cpuMicros(among) - cpuMicros(alone));
  const middle = median(differences);
  // For a normal scatter: the deviation is 1.4826 times the median of what is off, the median's error 1.2533 times the mean's.
  const deviation = 1.4826 * median(differences.map((each) => Math.abs(each - middle)));
  return { median: middle, error: (1.2533 * deviation) / Math.sqrt(Math.max(1, pairs.length)) };
}

/** Microseconds of CPU for each answer of a round. */
export function cpuMicros(round: LoadResult): number {
  return round.done > 0 ? (round.cpuSeconds / round.done) * 1_000_000 : 0;
}
