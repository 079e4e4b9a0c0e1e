import { afterAll, beforeAll, expect, test } from "bun:test";
import { seeded } from "../../../src/vocabulary/seeded.fixture.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";
import { type Counted, type CountingUpstreams, startCountingUpstreams } from "./counting-upstream.ts";
import { crowdOf, tally, visitBy } from "./crowd.ts";

/** A bound for calls at once is exact, whatever clients and upstreams do. The long form is `npm run campaign -- concurrency`. */
const LIMIT = 5;
const GUESTS = 500;
/** Long beside what a healthy answer takes, short enough to wait for it fifty times. Milliseconds. */
const DEADLINES = { firstToken: 200, idle: 200, total: 350 };

let upstreams: CountingUpstreams;
let upstream: Counted;
let box: TestBox;
beforeAll(async () => {
  upstreams = await startCountingUpstreams(1);
  [upstream] = upstreams.each as [Counted];
  upstream.may(LIMIT);
  const deployment = { kind: "openai", url: upstream.url, profile: { deadlines: DEADLINES }, more: { limits: { maxConcurrent: LIMIT } } };
  box = startBox({ models: { m: [deployment] }, routing: { patience: 60_000 } });
});
afterAll(async () => {
  await box.stop();
  await upstreams.stop();
});

const standing = () => box.routing.standings.report()[0] ?? { inFlight: 0, queued: 0 };

test("of 500 clients at a deployment that takes five calls at once it never has six, and is free afterwards", async () => {
  const fates = await Promise.all(crowdOf(GUESTS, { random: seeded(1), within: 300 }).map((guest) => visitBy(guest, box.url)));
  await until("the last to be over", () => standing().inFlight + standing().queued + upstream.working === 0);
  const { answered = 0, left = 0, "told that it took too long": late = 0, ...others } = tally(fates);
  expect({ over: upstream.over, most: upstream.most, others }).toEqual({ over: 0, most: LIMIT, others: {} });
  // It says something only if all of it happened.
  expect([answered > GUESTS / 4, left > GUESTS / 10, late > GUESTS / 20]).toEqual([true, true, true]);

  const { deployment: stood } = box.routing.standings.known("openai/m") ?? {};
  if (stood === undefined) throw new Error("Nothing is known of the deployment.");
  const target = { deployment: stood, key: stood.service.keys[0], route: { dialect: "openai-chat", path: "/chat/completions" }, why: "" } as const;
  const six = Array.from({ length: LIMIT + 1 }, () => box.routing.enter(target));
  expect(six.map((seat) => typeof seat)).toEqual(["object", "object", "object", "object", "object", "string"]);
}, 60_000);
