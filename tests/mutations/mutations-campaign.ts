/** A million mutated documents for each kind of trial, or as many as `TRIES` says; writes docs/campaigns/mutations-<date>.md. */

import { endCampaign } from "../harness/campaign-page.ts";
import { madeSeeds, recordedSeeds, type Seeds } from "./seeds.ts";
import { TRIALS, tryOut } from "./trials.ts";

const TRIES = Number(process.env["TRIES"] ?? 1_000_000);
const origins: readonly (readonly [string, Seeds])[] = [
  ["made by hand", madeSeeds()],
  ["recorded", recordedSeeds()],
];
const rows: string[] = [];
const mistakes: string[] = [];
for (const [origin, seeds] of origins) {
  if (seeds.answers.length === 0) continue;
  for (const [name, trial] of Object.entries(TRIALS)) {
    const began = performance.now();
    try {
      const { passed, refused } = tryOut(trial, seeds, 1_000_000, TRIES / origins.length);
      rows.push(`| ${name} | ${origin} | ${passed} | ${refused} | ${Math.round((performance.now() - began) / 1000)} s |`);
    } catch (thrown) {
      mistakes.push(`- ${name}, ${origin}: ${thrown instanceof Error ? thrown.message : thrown}`);
    }
    console.log(rows.at(-1), mistakes.at(-1) ?? "");
  }
}
endCampaign({
  name: "mutations",
  title: "Mutated documents",
  text: `Requests, answers, refusals and embeddings with one to three values lost, doubled, or exchanged for odd ones: the requests of every
dialect written to every other, the answers of every dialect told to the clients of every other. Each must pass (what is written is sound:
JSON, whole counts, one ending, the end mark last, blocks and items in the order that clients insist on) or be refused by a failure with a
name. Each trial was made ${TRIES / origins.length} times with documents of each origin.

| what | from | passed | refused by name | took |
|---|---|---|---|---|
${rows.join("\n")}`,
  mistakes,
});
