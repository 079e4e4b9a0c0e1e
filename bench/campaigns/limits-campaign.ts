/**
 * Ten thousand random sequences of arrivals, or as many as `RUNS` says, counted in memory, and `SHARED_RUNS` by two counters over one Redis, from the
 * seed `SEED`; writes docs/campaigns/limits-<date>.md.
 */
import fc from "fast-check";
import { type Arrivals, arrivals, arrive } from "../../src/limits/rates/arrivals.fixture.ts";
import { MemoryCounter } from "../../src/limits/rates/memory-counter.ts";
import { withSharedArrivals } from "../../src/limits/rates/shared/arrivals.fixture.ts";
import { handTurned } from "../../src/vocabulary/clock.fixture.ts";
import { endCampaign } from "../../tests/harness/campaign-page.ts";

const RUNS = Number(process.env["RUNS"] ?? 10_000);
const SHARED_RUNS = Number(process.env["SHARED_RUNS"] ?? 2_000);
const SEED = Number(process.env["SEED"] ?? 1);

const mistakes: string[] = [];
const rows: string[] = [];

/** Each lets some arrive, and says how many were admitted. */
async function campaignIn(counted: string, runs: number, work: (some: Arrivals) => Promise<number>): Promise<void> {
  const began = performance.now();
  const sums = { runs: 0, arrived: 0, admitted: 0 };
  const property = fc.asyncProperty(arrivals, async (some) => {
    sums.admitted += await work(some);
    sums.arrived += some.all.length;
    sums.runs++;
    if (sums.runs % 500 === 0) console.log(`${counted}: ${sums.runs} of ${runs}`);
  });
  const result = await fc.check(property, { numRuns: runs, seed: SEED });
  if (result.failed) mistakes.push(`- ${counted}: ${result.errorInstance}\n\n      ${JSON.stringify(result.counterexample)}`);
  rows.push(`| ${counted} | ${sums.runs} | ${sums.arrived} | ${sums.admitted} | ${Math.round((performance.now() - began) / 1000)} |`);
  console.log(rows.at(-1), mistakes.at(-1) ?? "");
}

await campaignIn("one gateway, in memory", RUNS, (some) => {
  const hands = handTurned();
  return arrive(some, [new MemoryCounter({ clock: hands.clock })], hands);
});
await withSharedArrivals((arriveShared) => campaignIn("two gateways, over one Redis", SHARED_RUNS, arriveShared));

endCampaign({
  name: "limits",
  title: "Limits whoever comes when",
  text: `Written by \`npm run campaign -- limits\`. Random sequences (seed ${SEED}) of five to sixty requests, at once or up to half an hour apart, each with some tokens
of which it may use fewer, under way while up to four others come, one in four taken back because something else refused it. They are limited by any of:
requests per second with a burst, per minute, per hour, tokens per minute, requests at once.

In every span of a minute, of an hour and of any length there is, wherever it begins, no more was admitted than each limit says, and never were more under
way. Time is turned by hand, in Redis too.

| counted by | sequences | requests | admitted | seconds |
|---|---|---|---|---|
${rows.join("\n")}`,
  mistakes,
});
