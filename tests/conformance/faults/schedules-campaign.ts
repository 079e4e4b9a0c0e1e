/** Ten thousand random schedules of failures, or as many as `SCHEDULES` says, from the seed `SEED`; writes docs/campaigns/failover-<date>.md. */
import fc from "fast-check";
import { endCampaign } from "../../harness/campaign-page.ts";
import { type Ending, play, schedules } from "./schedules.ts";

const COUNT = Number(process.env["SCHEDULES"] ?? 10_000);
const SEED = Number(process.env["SEED"] ?? 1);
/** Schedules played side by side. */
const AT_ONCE = 8;

const all = fc.sample(schedules, { numRuns: COUNT, seed: SEED });
const endings = new Map<Ending, number>();
const mistakes: string[] = [];
let next = 0;
let requests = 0;
const began = performance.now();

async function playOn(): Promise<void> {
  for (let schedule = all[next++]; schedule !== undefined; schedule = all[next++]) {
    const number = next;
    try {
      for (const ending of await play(schedule)) {
        endings.set(ending, (endings.get(ending) ?? 0) + 1);
        requests++;
      }
    } catch (thrown) {
      mistakes.push(`- schedule ${number}: ${thrown instanceof Error ? thrown.message : thrown}\n\n      ${JSON.stringify(schedule)}`);
      console.log(mistakes.at(-1));
    }
    if (number % 500 === 0) console.log(`${number} of ${COUNT} schedules, ${requests} requests, ${mistakes.length} mistakes`);
  }
}
await Promise.all(Array.from({ length: AT_ONCE }, playOn));

const rows = [...endings].toSorted(([, left], [, right]) => right - left).map(([ending, count]) => `| ${ending} | ${count} |`);
endCampaign({
  name: "failover",
  title: "Failover in random weather",
  text: `Written by \`npm run campaign -- failover\`. ${COUNT} random schedules (seed ${SEED}): what upstreams do, call by call, of some thirty ways to answer or not to;
one to six clients at once, of five dialects, whole and streamed, some of whom hang up; one to three deployments of any dialect with one or two keys, up to two
fallbacks, a budget of one to four tries, with hedging and without, with the status line held and sent early, with breakers, outliers and bounds for calls at once
and without.

Of each request: no more upstream calls than its budget, none after content reached the client; one whole answer that one upstream gave, or one typed error in the
client's dialect, as strict clients hear it; recorded once, as its client saw it end. Of each schedule: nothing in flight or queued afterwards, no upstream left
talking to nobody, no breaker that opened too late or closed too early.

${requests} requests in ${Math.round((performance.now() - began) / 1000)} s:

| ended | requests |
|---|---|
${rows.join("\n")}`,
  mistakes,
});
