import { gateFor } from "../../src/limits/gate.ts";
import { waitAt } from "../../src/limits/waiting.ts";
import type { Ask, Prompt } from "../../src/routing/ask.ts";
import { createRouting, type RoutingSettings } from "../../src/routing/create.ts";
import type { Deployment } from "../../src/vocabulary/deployment.ts";
import { testDeployment, testModel } from "../../src/vocabulary/model.fixture.ts";
import type { Model, StrategyName } from "../../src/vocabulary/model.ts";
import { seeded } from "../../src/vocabulary/seeded.fixture.ts";
import { usageOf } from "../../src/vocabulary/usage.ts";
import { type EnginePower, SimulatedEngine } from "./engine.ts";
import { Timeline } from "./timeline.ts";
import type { SimulatedRequest } from "./workload.ts";

/** How a strategy did. Milliseconds of the simulation. */
export interface SimulationResult {
  readonly strategy: StrategyName;
  readonly meanFirstToken: number;
  readonly p99FirstToken: number;
  /** Part of the prompt tokens read from the engines' caches. */
  readonly cached: number;
}

export interface Simulation {
  readonly requests: readonly SimulatedRequest[];
  readonly power: EnginePower;
  readonly engines: number;
  readonly seed: number;
}

/** Nobody fails and nobody rests: this is about choosing. */
const SETTINGS: RoutingSettings = {
  breaker: { enabled: false, failures: 5, window: 60_000, open: 60_000 },
  outliers: { enabled: false, slower: 4, rest: 30_000 },
  patience: 600_000,
};

/** Lets the gateway's own routing choose an engine for each of the requests, and reckons when each has its first token. */
export function simulate(strategy: StrategyName, { requests, power, engines, seed }: Simulation): SimulationResult {
  const time = new Timeline();
  const clock = { now: () => time.now, elapsed: () => time.now };
  const model = modelOf(strategy, engines);
  const routing = createRouting({
    instead: () => [],
    models: () => [model],
    settings: () => SETTINGS,
    gateFor,
    waitAt,
    clock,
    timer: () => () => undefined,
    random: seeded(seed),
  });
  const machines = new Map(model.deployments.map((deployment) => [deployment, new SimulatedEngine(power, time)]));
  const waits: number[] = [];
  let cached = 0;
  let read = 0;
  const arrive = (request: SimulatedRequest) => {
    const [target] = routing.rank(model, askOf(request)).targets;
    const seat = target === undefined ? "nobody" : routing.enter(target);
    if (typeof seat === "string") throw new Error(`${seat}, where nobody ever rests`);
    const tokens = request.text.length / 4;
    let fromCache = 0;
    engineOf(seat.target.deployment, machines).work(
      request,
      (hit) => {
        fromCache = hit;
        cached += hit;
        read += tokens;
        waits.push(time.now - request.at);
        seat.answered();
      },
      () => {
        seat.leave();
        seat.finished(usageOf({ input: tokens - fromCache, cacheRead: fromCache, output: request.answerTokens }));
      },
    );
  };
  for (const request of requests) time.at(request.at, () => arrive(request));
  time.run();
  waits.sort((left, right) => left - right);
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
  return { strategy, meanFirstToken: mean, p99FirstToken: waits[Math.floor(waits.length * 0.99)] ?? 0, cached: cached / read };
}

function modelOf(strategy: StrategyName, engines: number): Model {
  return testModel(
    "simulated",
    Array.from({ length: engines }, (_, index) => testDeployment(`engine-${index}`)),
    { strategy },
  );
}

function engineOf(deployment: Deployment, machines: ReadonlyMap<Deployment, SimulatedEngine>): SimulatedEngine {
  const engine = machines.get(deployment);
  if (engine === undefined) throw new Error(`There is no engine ${deployment.id}.`);
  return engine;
}

function askOf({ text, answerTokens }: SimulatedRequest): Ask {
  const prompt: Prompt = { bytes: text.length, tokens: () => text.length / 4, answerTokens: () => answerTokens, needs: () => new Set(), text: () => text };
  return { operation: "chat", dialect: "openai-chat", prompt };
}
