import { afterAll, afterEach, beforeEach, expect, test } from "bun:test";
import { objectOf } from "../../../src/vocabulary/json.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** Breakers over the real gateway: who is left alone is not asked, as long as anybody else is there. */
const [bad, good, third] = [await startFakeUpstream(), await startFakeUpstream(), await startFakeUpstream()];
let box: TestBox;
const at = ({ url }: FakeUpstream) => ({ kind: "openai", url, model: "m" });
beforeEach(() => {
  for (const fake of [bad, good, third]) {
    fake.forget();
    fake.play({});
  }
});
afterEach(() => box.stop());
afterAll(() => Promise.all([bad, good, third].map((fake) => fake.stop())));

const BREAKER = { enabled: true, failures: 2, window: 60_000, open: 60_000 };
const open = (models: Parameters<typeof startBox>[0]["models"]) => startBox({ models, routing: { breaker: BREAKER } });
async function ask(model = "m") {
  const response = await box.post("/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }] });
  const json = objectOf(await response.json());
  return { status: response.status, code: objectOf(json["error"])["code"], retryAfter: response.headers.get("retry-after") };
}
const seen = () => [bad, good, third].map((fake) => fake.seen.length);

test("after its failures it is not asked any more, while another answers", async () => {
  box = open({ m: [at(bad), at(good)] });
  bad.play(failing(500));
  for (let time = 0; time < 10; time++) expect((await ask()).status).toBe(200);
  expect(seen()).toEqual([2, 10, 0]);
  expect(box.routing.standings.report().map(({ circuit }) => circuit)).toEqual(["open", "closed"]);
});

test("one that rests is asked when the others fail, rather than nobody", async () => {
  box = open({ m: [at(bad), at(good), at(third)] });
  third.play(failing(500));
  for (let time = 0; time < 6; time++) expect((await ask()).status).toBe(200);
  third.play({});
  bad.play(failing(500));
  good.play(failing(500));
  for (let time = 0; time < 6; time++) expect((await ask()).status).toBe(200);
});

test("the only one there is tells its own failure while it is asked, and is asked again and again", async () => {
  box = open({ m: [at(bad)] });
  bad.play(failing(500));
  for (let time = 0; time < 3; time++) expect(await ask()).toEqual({ status: 502, code: "upstream_error", retryAfter: null });
  bad.play({});
  expect((await ask()).status).toBe(200);
});

test("a key that is over its limits is not asked before its time: 429 with what is left of it", async () => {
  box = open({ m: [at(bad)] });
  bad.play(failing(429, 30));
  expect(await ask()).toEqual({ status: 429, code: "rate_limit_exceeded", retryAfter: "30" });
  expect(await ask()).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
  expect(seen()).toEqual([1, 0, 0]);
});

test("a key that is over its limits for nobody knows how long gives way to others, and is asked when it is the only one", async () => {
  box = open({ m: [at(bad), at(good)], alone: [at(third)] });
  bad.play(failing(429));
  third.play([failing(429), {}]);
  for (let time = 0; time < 4; time++) expect((await ask()).status).toBe(200);
  expect(seen()).toEqual([1, 4, 0]);
  expect([(await ask("alone")).status, (await ask("alone")).status]).toEqual([429, 200]);
});
