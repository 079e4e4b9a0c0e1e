/** Ten thousand random interleavings, or as many as `RUNS` says, on one gateway and on three, from the seed `SEED`; writes docs/campaigns/ledger-<date>.md. */
import fc from "fast-check";
import { play, steps } from "../../src/ledger/interleavings.fixture.ts";
import { endCampaign } from "../../tests/harness/campaign-page.ts";

const RUNS = Number(process.env["RUNS"] ?? 10_000);
const SEED = Number(process.env["SEED"] ?? 1);

const mistakes: string[] = [];
const rows: string[] = [];

for (const gateways of [1, 3]) {
  const began = performance.now();
  const sums = { runs: 0, steps: 0, asked: 0, held: 0 };
  const property = fc.asyncProperty(steps, async (plan) => {
    const { asked, held } = await play(plan, gateways);
    sums.runs++;
    sums.steps += plan.length;
    sums.asked += asked;
    sums.held += held;
    if (sums.runs % 500 === 0) console.log(`${gateways}: ${sums.runs} of ${RUNS}`);
  });
  const result = await fc.check(property, { numRuns: RUNS, seed: SEED });
  if (result.failed) mistakes.push(`- on ${gateways}: ${result.errorInstance}\n\n      ${JSON.stringify(result.counterexample)}`);
  rows.push(`| ${gateways} | ${sums.runs} | ${sums.steps} | ${sums.asked} | ${sums.held} | ${Math.round((performance.now() - began) / 1000)} |`);
  console.log(rows.at(-1), mistakes.at(-1) ?? "");
}

endCampaign({
  name: "ledger",
  title: "The ledger in any order",
  text: `Written by \`npm run campaign -- ledger\`. ${RUNS} random interleavings (seed ${SEED}) of five to sixty steps each, on one gateway and on three over the same
books: reserve on a balance, and on a budget besides; settle with nothing, a part, all and more than was held; note what an answer has come to; release;
extend; credit; refund; let time go by; kill a gateway and start another in its place.

After every step, by a plain reckoning beside it: captured and held are no more than was granted, and than the budget, except for what single answers took
beyond their holds. At the end of each, when all who waited have been served or gone: nothing is held or lent, all that is left can be had, the balance is
what was granted less what was captured, the budget's account is what was captured of it, and both are the sums of their entries.

| gateways | interleavings | steps | requests | held | seconds |
|---|---|---|---|---|---|
${rows.join("\n")}`,
  mistakes,
});
