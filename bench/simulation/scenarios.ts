import { STRATEGIES, type StrategyName } from "../../src/vocabulary/model.ts";
import { seeded } from "../../src/vocabulary/seeded.fixture.ts";
import type { EnginePower } from "./engine.ts";
import { type SimulationResult, simulate } from "./simulate.ts";
import { type WorkloadPlan, workload } from "./workload.ts";

/** About one 8B model on one 24 GB card each: prompts of 120,000 tokens fit its cache together. */
export const POWER: EnginePower = { prefill: 8000, decode: 60, together: 16, blocks: 7500 };
const ENGINES = 2;

/** A load, as the page calls it. */
export interface Load {
  readonly title: string;
  readonly plan: WorkloadPlan;
}

const USUAL = { requests: 4000, sharedTokens: 4000, ownTokens: 200, answerTokens: 150 };

/** 48 long documents are asked about, some far more often than others: one engine's cache does not hold them all, two engines' do. */
export const SHARED: Load = { title: "shared prefixes: 48 documents of 4,000 tokens, 5 requests/s", plan: { ...USUAL, perSecond: 5, beginnings: 48 } };
export const SHARED_CALM: Load = { title: "the same, 3 requests/s", plan: { ...SHARED.plan, perSecond: 3 } };
/** The same prompts in length, each of them new. */
export const NONE: Load = { title: "no shared prefixes: 4,200 new tokens each, 2.5 requests/s", plan: { ...USUAL, perSecond: 2.5, beginnings: 0 } };

/** Strategies under a load: means over the seeds. */
export function compare({ plan }: Load, seeds: readonly number[], strategies: readonly StrategyName[] = STRATEGIES): SimulationResult[] {
  const loads = seeds.map((seed) => ({ seed, requests: workload(plan, seeded(seed)) }));
  return strategies.map((strategy) => {
    const runs = loads.map((load) => simulate(strategy, { ...load, power: POWER, engines: ENGINES }));
    const mean = (read: (run: SimulationResult) => number) => runs.reduce((sum, run) => sum + read(run), 0) / runs.length;
    return {
      strategy,
      meanFirstToken: mean((run) => run.meanFirstToken),
      p99FirstToken: mean((run) => run.p99FirstToken),
      cached: mean((run) => run.cached),
    };
  });
}
