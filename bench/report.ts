import type { LoadResult } from "./load/plan.ts";
import { added, cpuMicros, type Paired, ROUTING } from "./pairs.ts";
import type { Measured, Pace } from "./scenarios.ts";
import { median } from "./statistics.ts";

/** Everything the page says, before it is words. */
export interface BenchReport {
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: string;
  /** Name and version of each program that took part. */
  readonly versions: Readonly<Record<string, string>>;
  readonly pace: Pace;
  readonly measured: readonly Measured[];
  /** What routing costs; empty: not measured. */
  readonly paired: readonly Paired[];
  /** Milliseconds from starting the gateway's process to its first answer, one per start. */
  readonly coldStarts: readonly number[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
}

/** Who everybody is compared with. */
const PEERS = ["nginx proxy_pass", "bare upstream"] as const;
const PERCENT = 100;

/** The page `docs/benchmarks.md`. */
export function renderBenchmarks(report: BenchReport): string {
  const versions = Object.entries(report.versions).map(([name, version]) => `${name} ${version}`);
  const sections = Map.groupBy(report.measured, (one) => one.scenario.id);
  const { rounds, seconds, warmUpSeconds } = report.pace;
  return [
    "# Benchmarks",
    "",
    `Written by \`${report.command}\` on ${report.date}; do not edit, run it again. These are one machine's numbers: compare the rows of one table, not tables of two machines.`,
    "",
    `- Machine: ${report.machine}`,
    `- Versions: ${versions.join(", ")}`,
    "- Each server under test has one core to itself; the load generator shares another with the upstream, whose answers are ready-made. All over loopback, keep-alive everywhere, without TLS.",
    `- ${rounds} rounds of ${seconds} s after ${warmUpSeconds} s of warm-up, the servers in turns. Numbers are medians of the rounds, with the lowest and highest in brackets. CPU time is the kernel's (\`/proc/<pid>/stat\`, user and system, all processes and threads of the server).`,
    ...report.notes.map((note) => `- ${note}`),
    "",
    ...[...sections.values()].flatMap((rows) => [...section(rows), ""]),
    ...pairSection(report.paired),
    ...memory(report.measured),
    "",
    ...coldStart(report.coldStarts),
    "",
  ].join("\n");
}

function section(rows: readonly Measured[]): string[] {
  const scenario = rows[0]?.scenario;
  if (!scenario) return [];
  const table = scenario.load.kind === "streams" ? streamTable(rows) : scenario.kind === "instant" ? throughputTable(rows) : latencyTable(rows);
  const failures = rows.map((row) => `${row.server} ${sum(row.rounds, (round) => round.failures)}`);
  return [`## ${scenario.title}`, "", ...table, "", `Failed answers: ${failures.join(", ")}.`];
}

function throughputTable(rows: readonly Measured[]): string[] {
  const per = (row: Measured | undefined) => (row ? middle(row.rounds, perSecond) : 0);
  const header = ["server", "answers/s", ...PEERS.map((peer) => `of ${peer}`), "core busy", "CPU per answer", "p50", "p99"];
  return table(
    header,
    rows.map((row) => [
      row.server,
      spread(row.rounds, perSecond, 0),
      ...PEERS.map((peer) => ratio(per(row), per(rows.find((other) => other.server === peer)))),
      `${(middle(row.rounds, (round) => round.cpuSeconds / round.seconds) * PERCENT).toFixed(0)} %`,
      `${middle(row.rounds, cpuMicros).toFixed(1)} µs`,
      millis(middle(row.rounds, (round) => round.latency.p50)),
      millis(middle(row.rounds, (round) => round.latency.p99)),
    ]),
  );
}

/** Each model beside one deployment alone. */
function pairSection(paired: readonly Paired[]): string[] {
  if (paired.length === 0) return [];
  const alone = (row: Paired) => median(row.pairs.map(([one]) => cpuMicros(one)));
  const rows = paired.map((row) => {
    const { median: middle, error } = added(row);
    return [row.model, `${alone(row).toFixed(1)} µs`, `${middle.toFixed(1)} µs`, `± ${error.toFixed(1)} µs`, String(row.pairs.length)];
  });
  const failures = paired.map(({ model, pairs }) => `${model} ${sum(pairs.flat(), (round) => round.failures)}`);
  return [
    `## ${ROUTING.title}`,
    "",
    "The same gateway is asked for a model of one deployment and for one of fifty, in short turns one right after the other; each pair gives a difference. The first row is one deployment beside itself: what a difference of nothing looks like here.",
    "",
    ...table(["model", "CPU per answer with one", "added, median of the pairs", "standard error", "pairs"], rows),
    "",
    `Failed answers: ${failures.join(", ")}.`,
    "",
  ];
}

function latencyTable(rows: readonly Measured[]): string[] {
  const bare = rows.find((row) => row.server === "bare upstream");
  const added = (row: Measured, read: (round: LoadResult) => number) =>
    bare && bare !== row ? millis(middle(row.rounds, read) - middle(bare.rounds, read)) : "";
  return table(
    ["server", "p50", "p99", "added p50", "added p99", "CPU per answer"],
    rows.map((row) => [
      row.server,
      `${spread(row.rounds, (round) => round.latency.p50, 2)} ms`,
      `${spread(row.rounds, (round) => round.latency.p99, 2)} ms`,
      added(row, (round) => round.latency.p50),
      added(row, (round) => round.latency.p99),
      `${middle(row.rounds, cpuMicros).toFixed(1)} µs`,
    ]),
  );
}

function streamTable(rows: readonly Measured[]): string[] {
  const bare = rows.find((row) => row.server === "bare upstream");
  const wanted = (row: Measured) => row.scenario.load.connections * (row.scenario.rate ?? 0);
  const added = (row: Measured, read: (round: LoadResult) => number) =>
    millis(middle(row.rounds, read) - (bare && bare !== row ? middle(bare.rounds, read) : 0));
  const header = [
    "server",
    "chunks/s (of wanted)",
    "first token p50",
    "p99",
    "added p50",
    "added p99",
    "chunk delay p50",
    "p99",
    "longest",
    "CPU per chunk",
    "35-50 ms",
  ];
  return table(
    header,
    rows.map((row) => [
      row.server,
      `${middle(row.rounds, perSecond).toFixed(0)} (${ratio(middle(row.rounds, perSecond), wanted(row))})`,
      millis(middle(row.rounds, (round) => round.latency.p50)),
      millis(middle(row.rounds, (round) => round.latency.p99)),
      row === bare ? "" : added(row, (round) => round.latency.p50),
      row === bare ? "" : added(row, (round) => round.latency.p99),
      millis(middle(row.rounds, (round) => round.chunkDelay.p50)),
      millis(middle(row.rounds, (round) => round.chunkDelay.p99)),
      millis(Math.max(...row.rounds.map((round) => round.chunkDelay.max))),
      `${middle(row.rounds, cpuMicros).toFixed(1)} µs`,
      `${(middle(row.rounds, (round) => round.nagle) * PERCENT).toFixed(2)} %`,
    ]),
  );
}

function memory(measured: readonly Measured[]): string[] {
  if (measured.length === 0) return [];
  const rows = measured.map((row) => [row.scenario.title, row.server, `${row.rssMiB.toFixed(0)} MiB`, `${row.peakMiB.toFixed(0)} MiB`]);
  return [
    "## Memory after each scenario",
    "",
    ...table(["scenario", "server", "VmRSS", "VmHWM"], rows),
    "",
    "nginx is its largest process, the bare upstream the benchmark's own.",
  ];
}

function coldStart(starts: readonly number[]): string[] {
  if (starts.length === 0) return [];
  const all = starts.map((start) => millis(start)).join(", ");
  return [
    "## Cold start",
    "",
    `From starting the gateway's process, with an empty data folder, to its first answer through a model: ${millis(median(starts))} (of ${all}).`,
  ];
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)];
}

function perSecond(round: LoadResult): number {
  return round.seconds > 0 ? round.done / round.seconds : 0;
}

function middle(rounds: readonly LoadResult[], read: (round: LoadResult) => number): number {
  return median(rounds.map(read));
}

function spread(rounds: readonly LoadResult[], read: (round: LoadResult) => number, digits: number): string {
  const values = rounds.map(read);
  return `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)})`;
}

function ratio(value: number, of: number): string {
  return of > 0 ? `${((value / of) * PERCENT).toFixed(0)} %` : "";
}

function millis(value: number): string {
  return `${value.toFixed(Math.abs(value) < 10 ? 2 : 0)} ms`;
}

function sum(rounds: readonly LoadResult[], read: (round: LoadResult) => number): number {
  return rounds.reduce((total, round) => total + read(round), 0);
}
