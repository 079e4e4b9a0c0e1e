/**
 * Crowds at three deployments whose bounds a reload changes in the middle: as many rounds as `ROUNDS` says, from the seed `SEED`, of
 * `GUESTS` clients each; writes docs/campaigns/concurrency-<date>.md.
 */
import { seeded } from "../../../src/vocabulary/seeded.fixture.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { endCampaign } from "../../harness/campaign-page.ts";
import { until } from "../../harness/until.ts";
import { startCountingUpstreams } from "./counting-upstream.ts";
import { crowdOf, type Fate, tally, visitBy } from "./crowd.ts";

const ROUNDS = Number(process.env["ROUNDS"] ?? 10);
const GUESTS = Number(process.env["GUESTS"] ?? 3000);
const SEED = Number(process.env["SEED"] ?? 1);

/** Milliseconds. */
const DEADLINES = { firstToken: 250, idle: 250, total: 500 };
const WITHIN = 4000;
const RELOADED_AT = 2000;
/** So long after a bound was lowered a call that was let in before may still arrive. Milliseconds. */
const ON_THE_WAY = 1000;
const MOST_BOUND = 8;
const BREAKER = { enabled: true, failures: 3, window: 1000, open: 100 };

/** What clients may be told. */
const EXPECTED: readonly string[] = ["answered", "left", "told that it took too long"] satisfies Fate[];

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const mistakes: string[] = [];
const fates: Fate[] = [];
const rows: string[] = [];
const upstreams = await startCountingUpstreams(3);
const began = performance.now();

const modelsWith = (bounds: readonly number[]) => ({
  m: upstreams.each.map(({ url }, index) => ({
    kind: "openai",
    url,
    profile: { deadlines: DEADLINES },
    more: { limits: { maxConcurrent: bounds[index] ?? 1, maxQueue: 100_000 } },
  })),
});

/** Changes the bounds, and what the upstreams hold them to: the lower ones once nothing of before can still arrive. */
async function reload(box: TestBox, before: readonly number[], after: readonly number[]): Promise<void> {
  await pause(RELOADED_AT);
  hold(before.map((bound, index) => Math.max(bound, after[index] ?? 0)));
  box.reload(modelsWith(after));
  await pause(ON_THE_WAY);
  hold(after);
}

function hold(bounds: readonly number[]): void {
  for (const [index, upstream] of upstreams.each.entries()) upstream.may(bounds[index] ?? 0);
}

for (let round = 0; round < ROUNDS; round++) {
  const random = seeded(SEED + round);
  const bounds = () => upstreams.each.map(() => 1 + Math.floor(random() * MOST_BOUND));
  const [before, after] = [bounds(), bounds()];
  const guarded = round % 2 === 1;
  hold(before);
  const box = startBox({ models: modelsWith(before), routing: { patience: 120_000, ...(guarded ? { breaker: BREAKER } : {}) } });
  const complain = (what: string) => void mistakes.push(`- round ${round + 1}: ${what}`);
  const over = upstreams.each.map((upstream) => upstream.over);
  const begun = upstreams.each.map((upstream) => upstream.begun);
  const [told] = await Promise.all([
    Promise.all(crowdOf(GUESTS, { random, within: WITHIN }).map((guest) => visitBy(guest, box.url))),
    reload(box, before, after),
  ]);
  const standings = () => box.routing.standings.report();
  const isQuiet = () => standings().every(({ inFlight, queued }) => inFlight + queued === 0) && upstreams.each.every(({ working }) => working === 0);
  await until("the last to be over", isQuiet).catch(() => complain(`not over at the end: ${JSON.stringify(standings())}`));
  for (const [index, upstream] of upstreams.each.entries()) {
    if (upstream.over > (over[index] ?? 0)) complain(`deployment ${index + 1} had more than it may ${upstream.over - (over[index] ?? 0)} times`);
    const free = placesAt(box, index);
    if (free !== after[index]) complain(`deployment ${index + 1} has ${free} free places of ${after[index]} afterwards`);
  }
  for (const odd of told.filter((fate) => !EXPECTED.includes(fate) && !(guarded && fate === "told no_healthy_deployment"))) complain(`a client was ${odd}`);
  for (const failure of box.complaints) complain(`our own mistake: ${String(failure.facts.cause)}`);
  fates.push(...told);
  rows.push(
    `| ${round + 1} | ${before.join(", ")} | ${after.join(", ")} | ${upstreams.each.map((each, index) => each.begun - (begun[index] ?? 0)).join(", ")} |`,
  );
  console.log(rows.at(-1), mistakes.at(-1) ?? "");
  await box.stop();
}

/** How many calls it would take at once, now that nobody is there. */
function placesAt(box: TestBox, index: number): number {
  const deployment = box.routing.standings.known(`openai-${index}/m`)?.deployment;
  if (deployment === undefined) return 0;
  const target = {
    deployment,
    key: deployment.service.keys[0],
    route: { dialect: "openai-chat", path: "/chat/completions" },
    why: "",
    evenResting: true,
  } as const;
  const seats = Array.from({ length: MOST_BOUND * 2 }, () => box.routing.enter(target)).filter((seat) => typeof seat !== "string");
  for (const seat of seats) seat.leave();
  return seats.length;
}

await upstreams.stop();
endCampaign({
  name: "concurrency",
  title: "Exact concurrency",
  text: `Written by \`npm run campaign -- concurrency\`. ${ROUNDS} rounds (from seed ${SEED}) of ${GUESTS} clients who come within ${WITHIN / 1000} s, whole and streamed: three in
ten hang up (as soon as they have asked, after a while, with the headers, after the first words), and for one in ten the upstream falls silent until a
deadline passes. Three deployments with bounds for calls at once, and a reload in the middle that changes all three; in every second round breakers leave
deployments alone meanwhile. The upstreams count in a thread of their own, from the first byte of a request to the end of its answer or until they have
hung up on a client that left, for which they take up to 20 ms.

No upstream ever had more calls at once than it may; a lower bound holds from the reload on for all that come. Afterwards nothing was in flight or queued,
and each deployment took as many calls at once as its new bound says.

${fates.length} requests in ${Math.round((performance.now() - began) / 1000)} s:

| a client | how many |
|---|---|
${Object.entries(tally(fates))
  .toSorted(([, left], [, right]) => right - left)
  .map(([fate, count]) => `| ${fate} | ${count} |`)
  .join("\n")}

| round | bounds before | after | calls at the upstreams |
|---|---|---|---|
${rows.join("\n")}`,
  mistakes,
});
