import fc from "fast-check";
import type { Deployment } from "../../vocabulary/deployment.ts";
import { FAILURES, type FailureKind } from "../../vocabulary/failure.ts";
import { testModel } from "../../vocabulary/model.fixture.ts";
import { type Model, STRATEGIES, type StrategyName } from "../../vocabulary/model.ts";
import { keyed } from "./running.fixture.ts";

/** One request: when it comes, how long its call takes and how that ends, and what else it does. Times are milliseconds. */
export interface Request {
  readonly at: number;
  readonly takes: number;
  readonly ends: "ok" | "without a verdict" | FailureKind;
  readonly retryAfter: number | undefined;
  /** When its first content comes, if it does. */
  readonly contentAfter: number | undefined;
  /** Rate-limit headers say that nothing is left for so many seconds. */
  readonly usedUpFor: number | undefined;
  /** It hangs up after so long, wherever it is by then. */
  readonly leavesAfter: number | undefined;
  /** Calls it would make beside its own. */
  readonly beside: number;
  /** By which a rule gives it a priority. */
  readonly source: string;
}

/** What the config says from some time on: a deployment that is not there is gone. */
export interface Config {
  readonly at: number;
  readonly strategy: StrategyName;
  readonly deployments: readonly {
    readonly there: boolean;
    readonly keys: number;
    readonly weight: number;
    readonly tier: number;
    readonly maxConcurrent: number | undefined;
    readonly maxQueue: number | undefined;
    readonly requestsPerMinute: number | undefined;
  }[];
}

export interface Story {
  readonly requests: readonly Request[];
  readonly configs: readonly Config[];
}

/** Milliseconds. */
export const LASTS = 60_000;
/** Of four one is without. */
const mostly = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 4 });
/** Of four three are. */
const seldom = <Value>(value: fc.Arbitrary<Value>) => fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, value);
const KINDS = Object.keys(FAILURES) as FailureKind[];

const request: fc.Arbitrary<Request> = fc.record({
  at: fc.nat(LASTS),
  takes: fc.nat(15_000),
  ends: fc.oneof({ weight: 3, arbitrary: fc.constantFrom("ok" as const, "without a verdict" as const) }, { weight: 2, arbitrary: fc.constantFrom(...KINDS) }),
  retryAfter: seldom(fc.nat(90)),
  contentAfter: mostly(fc.nat(15_000)),
  usedUpFor: seldom(fc.nat(30)),
  leavesAfter: seldom(fc.nat(30_000)),
  beside: fc.nat(3),
  source: fc.constantFrom("person", "batch", "other"),
});

const config: fc.Arbitrary<Config> = fc.record({
  at: fc.nat(LASTS),
  strategy: fc.constantFrom(...STRATEGIES),
  deployments: fc.array(
    fc.record({
      there: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
      keys: fc.integer({ min: 1, max: 3 }),
      weight: fc.nat(3),
      tier: fc.nat(1),
      maxConcurrent: mostly(fc.integer({ min: 1, max: 4 })),
      maxQueue: seldom(fc.nat(5)),
      requestsPerMinute: seldom(fc.integer({ min: 1, max: 20 })),
    }),
    { minLength: 3, maxLength: 3 },
  ),
});

export const stories: fc.Arbitrary<Story> = fc.record({
  requests: fc.array(request, { minLength: 20, maxLength: 120 }),
  configs: fc.array(config, { minLength: 1, maxLength: 4 }),
});

/** The model of a config. Some requests are served before others where all are full. */
export function modelOf({ strategy, deployments }: Config): Model {
  const those = deployments.flatMap(({ there, keys, weight, tier, ...limits }, index): Deployment[] =>
    there ? [{ ...keyed(`d${index}`, keys, limits), weight, tier }] : [],
  );
  const rules = [
    { when: { source: ["person"] }, priority: 10 },
    { when: { source: ["batch"] }, priority: -10 },
  ];
  return testModel("m", those, { strategy, rules });
}
