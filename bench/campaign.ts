/**
 * `npm run campaign -- <name>`: the full form of a long proof, whose result is written to docs/campaigns/<name>-<date>.md.
 * The short form of each is a test.
 */
import { argv } from "node:process";

const CAMPAIGNS: Readonly<Record<string, () => Promise<unknown>>> = {
  prefix: () => import("./campaigns/prefix-campaign.ts"),
  soak: () => import("./campaigns/soak-campaign.ts"),
  recordings: () => import("../tests/conformance/recorded/campaign.ts"),
  failover: () => import("../tests/conformance/faults/schedules-campaign.ts"),
  concurrency: () => import("../tests/conformance/attempts/concurrency-campaign.ts"),
  limits: () => import("./campaigns/limits-campaign.ts"),
  ledger: () => import("./campaigns/ledger-campaign.ts"),
  outages: () => import("../tests/e2e/money/outages-campaign.ts"),
  kills: () => import("../tests/e2e/money/kills-campaign.ts"),
  fleet: () => import("../tests/conformance/fleet/life/kills-campaign.ts"),
  mutations: () => import("../tests/mutations/mutations-campaign.ts"),
};

const run = CAMPAIGNS[argv[2] ?? ""];
if (run === undefined) {
  console.error(`Which campaign? There are: ${Object.keys(CAMPAIGNS).join(", ")}`);
  process.exit(2);
}
await run();
