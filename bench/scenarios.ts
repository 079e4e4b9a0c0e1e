import type { LoadPlan, LoadResult } from "./load/plan.ts";
import { processUse } from "./proc.ts";
import { load, type Server } from "./servers.ts";

/** One kind of load, put on every server in turns. */
export interface Scenario {
  readonly id: string;
  readonly title: string;
  /** Which work of the bench upstream. */
  readonly kind: string;
  readonly load: Pick<LoadPlan, "kind" | "connections">;
  /** Streams: chunks each of them gets per second. */
  readonly rate?: number;
}

export const SCENARIOS: readonly Scenario[] = [
  { id: "unary-16", title: "Unary, instant upstream, 16 connections", kind: "instant", load: { kind: "unary", connections: 16 } },
  { id: "unary-64", title: "Unary, instant upstream, 64 connections", kind: "instant", load: { kind: "unary", connections: 64 } },
  { id: "unary-20ms", title: "Unary, 20 ms upstream, 16 connections", kind: "delay-20", load: { kind: "unary", connections: 16 } },
  { id: "streams-100", title: "100 open streams, 10 chunks/s each", kind: "stream-100-100", load: { kind: "streams", connections: 100 }, rate: 10 },
  { id: "streams-2000", title: "2,000 open streams, 10 chunks/s each", kind: "stream-100-100", load: { kind: "streams", connections: 2000 }, rate: 10 },
  { id: "streams-600", title: "600 open streams, 50 chunks/s each", kind: "stream-50-20", load: { kind: "streams", connections: 600 }, rate: 50 },
];

/** All rounds of one scenario on one server, in the order they were run. */
export interface Measured {
  readonly scenario: Scenario;
  readonly server: string;
  readonly rounds: readonly LoadResult[];
  /** Resident memory after the last round, and the highest ever, in MiB. */
  readonly rssMiB: number;
  readonly peakMiB: number;
}

export interface Pace {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/** Runs a scenario in interleaved rounds, A B C A B C, so that a slow minute of the machine falls on everybody. */
export async function measure(scenario: Scenario, servers: readonly Server[], pace: Pace): Promise<Measured[]> {
  const results = servers.map((server): { server: Server; rounds: LoadResult[] } => ({ server, rounds: [] }));
  const { seconds, warmUpSeconds } = pace;
  for (let round = 0; round < pace.rounds; round++) {
    for (const { server, rounds } of results) rounds.push(await load(server, scenario.kind, { ...scenario.load, seconds, warmUpSeconds }));
  }
  return results.map(({ server, rounds }) => {
    const { rssMiB, peakMiB } = processUse(server.pid);
    return { scenario, server: server.name, rounds, rssMiB, peakMiB };
  });
}
