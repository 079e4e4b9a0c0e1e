import type { Deployment, Target } from "../vocabulary/deployment.ts";
import { testDeployment, testModel } from "../vocabulary/model.fixture.ts";
import type { Model } from "../vocabulary/model.ts";
import { seeded } from "../vocabulary/seeded.fixture.ts";
import type { Ask } from "./ask.ts";
import type { Engines } from "./engines.ts";
import { createRanking, type Instead, type Ranker } from "./rank.ts";
import type { Ranking } from "./routing.ts";
import { type TestStanding, testStandings } from "./standing.fixture.ts";

/** A chat by a client of OpenAI's. */
export const CHAT = { operation: "chat", dialect: "openai-chat" } as const satisfies Ask;

/** Deployments by their ids. */
export type TestDeployments = Readonly<Record<string, Partial<Deployment>>>;

/** A model `m` of these. */
export function modelOf(deployments: TestDeployments, more: Partial<Model> = {}): Model {
  return testModel(
    "m",
    Object.entries(deployments).map(([id, each]) => testDeployment(id, each)),
    more,
  );
}

export interface TestRanking {
  readonly standings?: Record<string, TestStanding>;
  readonly instead?: Instead;
  /** ISO 8601; both clocks stand still there. */
  readonly time?: string;
  readonly seed?: number;
  readonly engines?: Engines;
}

export function testRanker({ standings = {}, instead = () => [], time = "2026-11-20T12:00Z", seed = 1, engines }: TestRanking = {}): Ranker {
  return createRanking({
    standings: testStandings(standings),
    instead,
    engines,
    clock: { now: () => Date.parse(time), elapsed: () => 0 },
    random: seeded(seed),
  });
}

/** `a b c`. */
export function idsOf({ targets }: { readonly targets: readonly { readonly deployment: Deployment }[] }): string {
  return targets.map(({ deployment }) => deployment.id).join(" ");
}

/** All that may be asked, best first. */
export function everyone(ranking: Pick<Ranking, "targets" | "lower">): readonly Target[] {
  return [...ranking.targets, ...ranking.lower()];
}

/** How often each came first. */
export function sharesOf(times: number, first: (time: number) => string): Record<string, number> {
  const count: Record<string, number> = {};
  for (let time = 0; time < times; time++) {
    const id = first(time);
    count[id] = (count[id] ?? 0) + 1;
  }
  return count;
}
