import { describe, expect, test } from "bun:test";
import { benchConfig, KINDS } from "./gateway-config.ts";
import type { LoadResult } from "./load/plan.ts";
import { processUse } from "./proc.ts";
import { type BenchReport, renderBenchmarks } from "./report.ts";
import { type Measured, SCENARIOS } from "./scenarios.ts";
import { median, nagleShare, quantile, summaryOf } from "./statistics.ts";

const round = (done: number, p50: number): LoadResult => ({
  done,
  failures: 1,
  seconds: 2,
  cpuSeconds: 1,
  latency: { count: done, p50, p90: p50, p99: p50 * 2, max: p50 * 3 },
  chunkDelay: { count: done, p50, p90: p50, p99: p50 * 2, max: p50 * 3 },
  nagle: 0.5,
});
const rows = (id: string, doneBy: Record<string, number[]>): Measured[] =>
  Object.entries(doneBy).map(([server, done]) => ({
    scenario: SCENARIOS.find((one) => one.id === id) ?? SCENARIOS[0] ?? { id, title: id, kind: "instant", load: { kind: "unary", connections: 1 } },
    server,
    rounds: done.map((count) => round(count, count / 1000)),
    rssMiB: 40,
    peakMiB: 50,
  }));
const report = (measured: Measured[]): BenchReport => ({
  command: "npm run bench",
  date: "2026-01-31",
  machine: "a machine",
  versions: { Bun: "1", nginx: "2" },
  pace: { rounds: 3, seconds: 2, warmUpSeconds: 1 },
  measured,
  paired: [],
  coldStarts: [300, 100, 200],
  notes: ["nothing was left out"],
});

describe("the page", () => {
  test("throughput: medians, spread, ratios, CPU per answer", () => {
    const page = renderBenchmarks(report(rows("unary-16", { "bare upstream": [8000], "nginx proxy_pass": [4000], signalbox: [1000, 3000, 2000] })));
    expect(page).toContain("| signalbox | 1000 (500-1500) | 50 % | 25 % | 50 % | 500.0 µs | 2.00 ms | 4.00 ms |");
    expect(page).toContain("Failed answers: bare upstream 1, nginx proxy_pass 1, signalbox 3.");
    expect(page).toContain("to its first answer through a model: 200 ms (of 300 ms, 100 ms, 200 ms)");
    expect(page).toContain("- nothing was left out");
  });

  test("latency and streams: what is added to the bare upstream", () => {
    const page = renderBenchmarks(
      report([
        ...rows("unary-20ms", { "bare upstream": [20_000], signalbox: [21_000] }),
        ...rows("streams-100", { "bare upstream": [2000], signalbox: [1000] }),
      ]),
    );
    expect(page).toContain("| signalbox | 21.00 (21.00-21.00) ms | 42.00 (42.00-42.00) ms | 1.00 ms | 2.00 ms | 47.6 µs |");
    expect(page).toContain("| signalbox | 500 (50 %) | 1.00 ms | 2.00 ms | -1.00 ms | -2.00 ms | 1.00 ms | 2.00 ms | 3.00 ms | 1000.0 µs | 50.00 % |");
  });

  test("routing: what is added to one deployment, pair by pair, and how sure that is", () => {
    const pairs = [1, 2, 3, 4].map((more) => [round(100_000, 1), { ...round(100_000, 1), cpuSeconds: 1 + more }] as const);
    const page = renderBenchmarks({ ...report([]), paired: [{ model: "50, weighted", pairs }] });
    expect(page).toContain("| 50, weighted | 10.0 µs | 25.0 µs | ± 9.3 µs | 4 |");
    expect(page).toContain("Failed answers: 50, weighted 8.");
  });

  test("nothing measured is still a page", () => {
    expect(renderBenchmarks({ ...report([]), coldStarts: [] })).toStartWith("# Benchmarks\n");
  });
});

test("statistics", () => {
  expect(summaryOf([3, 1, 2, 4])).toEqual({ count: 4, p50: 3, p90: 4, p99: 4, max: 4 });
  expect(summaryOf([])).toEqual({ count: 0, p50: 0, p90: 0, p99: 0, max: 0 });
  expect([median([]), median([5]), median([1, 9, 2]), median([4, 1])]).toEqual([0, 5, 2, 2.5]);
  expect([quantile([1, 2, 3, 4], 0), quantile([1, 2, 3, 4], 0.5), quantile([], 0.5)]).toEqual([1, 3, 0]);
  expect([nagleShare([1, 40, 41, 90]), nagleShare([])]).toEqual([0.5, 0]);
});

test("every scenario has a model in the gateway's config, and the features can be turned off", () => {
  for (const scenario of SCENARIOS) expect(KINDS as readonly string[]).toContain(scenario.kind);
  expect(JSON.stringify(benchConfig(1234, "on"))).toContain("http://127.0.0.1:1234/instant/v1");
  expect(benchConfig(1, "off")).toMatchObject({ telemetry: { log_requests: false } });
});

test("a process that is gone uses nothing", () => {
  expect(processUse(2 ** 30)).toEqual({ cpuSeconds: 0, rssMiB: 0, peakMiB: 0, descriptors: 0 });
});
