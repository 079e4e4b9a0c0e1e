/**
 * `npm run campaign -- soak [--requests N] [--aborts N] [--no-write]`: half a million answers and 20,000 aborted streams through a
 * gateway whose memory and descriptors must stay flat; the result is appended to docs/campaigns/soak-<date>.md.
 */
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { cpus, release } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startGateway, startUpstream } from "../servers.ts";
import { renderSoak, type SoakPlan, soak } from "./soak.ts";

const { values } = parseArgs({
  allowPositionals: true,
  options: { requests: { type: "string" }, aborts: { type: "string" }, "no-write": { type: "boolean", default: false } },
});
const plan: SoakPlan = { requests: Number(values.requests ?? 500_000), aborts: Number(values.aborts ?? 20_000), connections: 64, parts: 20 };
const upstream = await startUpstream();
const gateway = await startGateway(upstream, "on").catch(async (thrown: unknown) => {
  await upstream.stop();
  throw thrown;
});
const result = await soak(gateway, upstream, plan).finally(async () => {
  await gateway.stop();
  await upstream.stop();
});

const date = new Date().toISOString().slice(0, 10);
const section = renderSoak(result, plan, {
  date,
  versions: `Bun ${Bun.version}`,
  machine: `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Linux ${release()}`,
});
console.log(section);
if (!values["no-write"]) {
  const folder = fileURLToPath(new URL("../../docs/campaigns/", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = `${folder}soak-${date}.md`;
  appendFileSync(file, `${existsSync(file) ? "\n" : "# Soak\n\nWritten by `npm run campaign -- soak`.\n\n"}${section}`);
}
