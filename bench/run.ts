/**
 * `npm run bench`: the gateway beside nginx and the bare upstream, in one run on one machine; writes docs/benchmarks.md.
 *   --quick            one short round each, page not written: does it all still work?
 *   --rounds N --seconds N --pairs N --only id,id --no-write
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { Features } from "./gateway-config.ts";
import { measurePairs, type Paired, type PairPace, ROUTING } from "./pairs.ts";
import { type BenchReport, renderBenchmarks } from "./report.ts";
import { type Measured, measure, type Pace, SCENARIOS } from "./scenarios.ts";
import { CAN_PIN, SERVER_CORE, type Server, startGateway, startNginx, startUpstream } from "./servers.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    pairs: { type: "string" },
    only: { type: "string" },
    "no-write": { type: "boolean", default: false },
  },
});
const pace: Pace = {
  rounds: Number(values.rounds ?? (values.quick ? 1 : 5)),
  seconds: Number(values.seconds ?? (values.quick ? 1 : 4)),
  warmUpSeconds: values.quick ? 0.5 : 2,
};
const pairPace: PairPace = values.quick
  ? { pairs: 1, seconds: 0.5, warmUpSeconds: 0.5 }
  : { pairs: Number(values.pairs ?? 40), seconds: 0.5, warmUpSeconds: 5 };
const COLD_STARTS = values.quick ? 1 : 5;
const notes: string[] = [];
const say = (line: string) => process.stderr.write(`${line}\n`);

/** Starts the gateway, or says why it is left out. */
async function tryGateway(upstream: Server, features: Features): Promise<(Server & { readonly startMs: number }) | undefined> {
  try {
    return await startGateway(upstream, features);
  } catch (thrown) {
    notes.push(`The gateway with features ${features} did not start and is left out: ${String(thrown).replaceAll(/\s+/g, " ").slice(0, 300)}`);
    return undefined;
  }
}

async function coldStarts(upstream: Server): Promise<number[]> {
  const starts: number[] = [];
  for (let round = 0; round < COLD_STARTS; round++) {
    const gateway = await tryGateway(upstream, "on");
    if (!gateway) break;
    starts.push(gateway.startMs);
    await gateway.stop();
  }
  return starts;
}

function versionOf(program: string, argument: string): string {
  const { stdout, stderr } = spawnSync(program, [argument], { encoding: "utf8" });
  return /\d+\.\d+[\w.+-]*/.exec(`${stdout}${stderr}`)?.[0] ?? "absent";
}

if (!CAN_PIN) notes.push("Nothing is pinned to a core here (one core only, or no `taskset`): the servers and the load generator get in each other's way.");
const upstream = await startUpstream();
const servers: Server[] = [await startUpstream(SERVER_CORE)];
const measured: Measured[] = [];
let paired: Paired[] = [];
let starts: number[] = [];
try {
  starts = await coldStarts(upstream);
  const nginx = await startNginx(upstream);
  if (nginx) servers.push(nginx);
  else notes.push("nginx is not installed here (Debian: the package `nginx`), so there is no peer to compare with.");
  for (const features of starts.length > 0 ? (["on", "off"] as const) : []) {
    const gateway = await tryGateway(upstream, features);
    if (gateway) servers.push(gateway);
  }
  const wanted = values.only?.split(",");
  for (const scenario of SCENARIOS.filter((one) => wanted?.includes(one.id) ?? true)) {
    say(`${scenario.title} …`);
    measured.push(...(await measure(scenario, servers, pace)));
  }
  const gateway = servers.find(({ name }) => name === "signalbox");
  if (gateway && (wanted?.includes(ROUTING.id) ?? true)) {
    say(`${ROUTING.title} …`);
    paired = await measurePairs(gateway, pairPace);
  }
} finally {
  for (const server of [upstream, ...servers].toReversed()) await server.stop();
}

const report: BenchReport = {
  command: "npm run bench",
  date: new Date().toISOString().slice(0, 10),
  machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`,
  versions: { Bun: Bun.version, nginx: versionOf("nginx", "-v"), signalbox: commit() },
  pace,
  measured,
  paired,
  coldStarts: starts,
  notes,
};
const page = renderBenchmarks(report);
console.log(page);
if (!values.quick && !values.only && !values["no-write"]) writeFileSync(fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url)), page);

function commit(): string {
  const { stdout } = spawnSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", cwd: fileURLToPath(new URL("..", import.meta.url)) });
  return stdout?.trim() || "unknown";
}
