/** `npm run campaign -- prefix [--no-write]`: all strategies over two simulated engines, twenty seeds; written to docs/campaigns/prefix-<date>.md. */
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compare, type Load, NONE, POWER, SHARED, SHARED_CALM } from "../simulation/scenarios.ts";

const { values } = parseArgs({ allowPositionals: true, options: { "no-write": { type: "boolean", default: false } } });
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

function section(load: Load): string[] {
  const rows = compare(load, SEEDS);
  const beside = (name: string, mean: number) => {
    const other = rows.find(({ strategy }) => strategy === name)?.meanFirstToken ?? 0;
    return `${mean >= other ? "+" : "−"}${(Math.abs(mean / other - 1) * 100).toFixed(1)} %`;
  };
  return [
    `## ${load.title}`,
    "",
    "| strategy | mean time to first token | beside round_robin | beside least_busy | p99 | read from caches |",
    "|---|---|---|---|---|---|",
    ...rows.map(
      ({ strategy, meanFirstToken: mean, p99FirstToken, cached }) =>
        `| ${strategy} | ${mean.toFixed(0)} ms | ${beside("round_robin", mean)} | ${beside("least_busy", mean)} | ${p99FirstToken.toFixed(0)} ms | ${(cached * 100).toFixed(1)} % |`,
    ),
    "",
  ];
}

const date = new Date().toISOString().slice(0, 10);
const page = [
  "# Strategies over simulated engines",
  "",
  `Written by \`npm run campaign -- prefix\` on ${date}. The gateway's own routing chooses; two engines are simulated, each reading prompts one after`,
  `the other at ${POWER.prefill} tokens/s without what is still in its cache of ${POWER.blocks} blocks, as vLLM's prefix caching does. Simulated time: no machine's`,
  `speed is in it. Means over ${SEEDS.length} seeds of 4,000 requests each.`,
  "",
  ...[SHARED, SHARED_CALM, NONE].flatMap(section),
].join("\n");
console.log(page);
if (!values["no-write"]) writeFileSync(fileURLToPath(new URL(`../../docs/campaigns/prefix-${date}.md`, import.meta.url)), page);
