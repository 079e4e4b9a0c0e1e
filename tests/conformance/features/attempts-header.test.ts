import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import { failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestBoxOptions } from "../../harness/box.ts";

/** `x-signalbox-attempts` says how many upstream calls the answer cost, wherever that is known when its headers leave. */
let fake: FakeUpstream;
let box: TestBox;

beforeAll(async () => {
  fake = await startFakeUpstream();
});
afterEach(() => box.stop());
afterAll(() => fake.stop());

interface Row {
  readonly plays?: Behaviour | readonly Behaviour[];
  readonly options?: Omit<TestBoxOptions, "models">;
  readonly body?: object;
  /** How often it is asked; the last counts. */
  readonly times?: number;
  readonly attempts: string | null;
}

const ROWS: Readonly<Record<string, Row>> = {
  "an answer at once": { attempts: "1" },
  "a stream": { body: { stream: true }, attempts: "1" },
  "the second answers": { plays: [failing(500)], attempts: "2" },
  "all fail": { plays: failing(500), attempts: "3" },
  "all fail, as a stream": { plays: failing(500), body: { stream: true }, attempts: "3" },
  "a request that is wrong for whoever reads it": { plays: failing(400), attempts: "1" },
  "a request that we refuse": { body: { messages: 7 }, attempts: null },
  "a model that is not there": { body: { model: "none" }, attempts: null },
  "nobody can be asked": { options: { more: { m: { rules: [{ when: {}, only: "gone" }] } } }, attempts: "0" },
  "an answer given again": { options: { cache: {} }, times: 2, attempts: "0" },
  "an answer given again as a stream": { options: { cache: {} }, body: { stream: true }, times: 2, attempts: "0" },
  "an answer that is kept": { options: { cache: {} }, attempts: "1" },
  "a kept connection that closes unanswered: the call is made once more": {
    plays: [{}, { cut: "before-headers" }, {}],
    options: { policy: { attempts: 2 } },
    times: 2,
    attempts: "2",
  },
  "a stream whose headers leave before anybody answers": {
    plays: { delay: 150 },
    options: { policy: { holdStatus: 20 } },
    body: { stream: true },
    attempts: null,
  },
};

test.each(Object.entries(ROWS))("%s", async (_name, { plays = {}, options = {}, body = {}, times = 1, attempts }) => {
  fake.play(plays);
  const at = { kind: "openai", url: fake.url };
  box = startBox({ models: { m: [at, at] }, ...options });
  let told: string | null = null;
  for (let time = 0; time < times; time++) {
    const answer = await box.post("/v1/chat/completions", { model: "m", messages: [{ role: "user", content: "hi" }], ...body });
    await answer.text();
    told = answer.headers.get("x-signalbox-attempts");
    // What is kept is kept a moment after the answer.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(told).toBe(attempts);
});

test("the trace tells of the call that was made once more", async () => {
  fake.play([{}, { cut: "before-headers" }]);
  box = startBox({ models: { m: [{ kind: "openai", url: fake.url }] } });
  for (let time = 0; time < 2; time++) await (await box.post("/v1/chat/completions", { model: "m", messages: [{ role: "user", content: "hi" }] })).text();
  const { attempts } = (await box.record(1)).trace;
  expect(attempts).toMatchObject([{ again: 1, decision: "answered" }]);
});
