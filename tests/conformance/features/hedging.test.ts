import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Hedge } from "../../../src/vocabulary/model.ts";
import { type Behaviour, failing } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";
import type { Speaker } from "../matrix/conversation.ts";
import { SPEAKERS } from "../matrix/matrix.ts";

/** A second deployment is asked when the first is slow: who answers first is heard, the other is hung up on. */
let one: FakeUpstream;
let two: FakeUpstream;
let box: TestBox;
const AFTER = 30;
const SILENT: Behaviour = { stall: "before-headers" };

beforeAll(async () => {
  one = await startFakeUpstream();
  two = await startFakeUpstream();
});
afterEach(async () => {
  expect(box.complaints).toEqual([]);
  await box.stop();
  for (const fake of [one, two]) {
    fake.forget();
    fake.play({});
  }
});
afterAll(async () => {
  await one.stop();
  await two.stop();
});

interface House {
  readonly first: Behaviour;
  readonly second: Behaviour;
  readonly hedge?: Partial<Hedge>;
  readonly attempts?: number;
}

/** Two deployments, the first of which is asked first. */
function open({ first, second, hedge = {}, attempts = 3 }: House): void {
  one.play(first);
  two.play(second);
  box = startBox({
    models: {
      m: [
        { kind: "openai", url: one.url, model: "one" },
        { kind: "anthropic", url: two.url, model: "two", more: { tier: 1 } },
      ],
    },
    more: { m: { hedge: { after: AFTER, percent: 100, ...hedge } } },
    policy: { attempts },
  });
}

const call = (speaker: Speaker, stream: boolean, signal?: AbortSignal) => {
  const { path, body } = speaker.ask({ turns: [{ user: "hello" }] }, "m", stream);
  return box.post(path, body, signal === undefined ? {} : { signal });
};
async function heard(speaker: Speaker, stream: boolean) {
  const response = await call(speaker, stream);
  const text = await response.text();
  expect([response.status, text]).toEqual([200, text]);
  return stream ? speaker.hearStream(text) : speaker.hearWhole(text);
}
const decisions = async () => {
  const { trace } = await box.record(0);
  return trace.attempts.map(({ deployment, decision, failure }) => [deployment, failure ?? decision]);
};

describe.each(SPEAKERS.flatMap((speaker) => [false, true].map((stream) => [`${speaker.dialect}, ${stream ? "stream" : "whole"}`, speaker, stream] as const)))(
  "%s",
  (_name, speaker, stream) => {
    test("the second answers while the first is silent, and the first is hung up on", async () => {
      open({ first: SILENT, second: { answer: { text: "second" } } });
      expect(await heard(speaker, stream)).toMatchObject({ text: "second", finish: "done", problems: [] });
      expect(await (await one.request(0)).settled).toBe("client-left");
      expect(await decisions()).toEqual([
        ["openai-0/one", "dropped: another answered first"],
        ["anthropic-1/two", "answered"],
      ]);
      const { outcome, deployment, usage } = await box.record(0);
      expect([outcome, deployment, usage?.evidence, one.seen.length, two.seen.length]).toEqual(["ok", "anthropic-1/two", "reported", 1, 1]);
    });

    test("the first answers after all, and the second is hung up on", async () => {
      open({ first: { delay: 300, answer: { text: "first" } }, second: SILENT });
      expect(await heard(speaker, stream)).toMatchObject({ text: "first", finish: "done", problems: [] });
      expect(await (await two.request(0)).settled).toBe("client-left");
      expect(await decisions()).toEqual([
        ["anthropic-1/two", "dropped: another answered first"],
        ["openai-0/one", "answered"],
      ]);
      expect((await box.record(0)).deployment).toBe("openai-0/one");
    });

    test("the client leaves while both are silent: both are hung up on", async () => {
      open({ first: SILENT, second: SILENT });
      const leaving = new AbortController();
      const response = call(speaker, stream, leaving.signal).catch(() => undefined);
      const asked = await Promise.all([one.request(0), two.request(0)]);
      leaving.abort();
      await response;
      expect(await Promise.all(asked.map(({ settled }) => settled))).toEqual(["client-left", "client-left"]);
      expect([(await box.record(0)).outcome, box.inFlight(), box.records.length]).toEqual(["client-left", 0, 1]);
    });
  },
);

const CHAT = SPEAKERS[0] as Speaker;

describe("otherwise", () => {
  test("nobody else is asked when the first answers in time", async () => {
    open({ first: { answer: { text: "first" } }, second: {}, hedge: { after: 2000 } });
    expect((await heard(CHAT, false)).text).toBe("first");
    expect([two.seen.length, await decisions()]).toEqual([0, [["openai-0/one", "answered"]]]);
  });

  test("nor when it fails in time: then the second is simply next", async () => {
    open({ first: failing(500), second: { answer: { text: "second" } }, hedge: { after: 2000 } });
    expect((await heard(CHAT, true)).text).toBe("second");
    expect(await decisions()).toEqual([
      ["openai-0/one", "upstream-error"],
      ["anthropic-1/two", "answered"],
    ]);
  });

  test.each<[string, Behaviour, Behaviour]>([
    ["the first fails later, the second answers", { ...failing(500), delay: 90 }, { delay: 200, answer: { text: "late" } }],
    ["the second fails, the first answers", { delay: 200, answer: { text: "late" } }, failing(500)],
  ])("%s", async (_name, first, second) => {
    open({ first, second });
    expect(await heard(CHAT, true)).toMatchObject({ text: "late", finish: "done", problems: [] });
    const { outcome, trace } = await box.record(0);
    expect([outcome, trace.attempts.length, one.seen.length + two.seen.length]).toEqual(["ok", 2, 2]);
    // The one that failed is told as that, not as one that was too slow.
    expect(trace.attempts.map(({ failure, decision }) => [failure, decision])).toEqual([
      ["upstream-error", "another answered"],
      [undefined, "answered"],
    ]);
  });

  test("both fail: their budget is one", async () => {
    open({ first: { ...failing(500), delay: 90 }, second: { ...failing(503), delay: 120 } });
    const response = await call(CHAT, false);
    await response.text();
    expect(response.status).toBeGreaterThanOrEqual(502);
    const { outcome, trace } = await box.record(0);
    expect([outcome, trace.attempts.length]).toEqual(["failed", one.seen.length + two.seen.length]);
    expect(one.seen.length + two.seen.length).toBeLessThanOrEqual(3);
  });

  test("with one try there is no second", async () => {
    open({ first: { delay: 120, answer: { text: "first" } }, second: {}, attempts: 1 });
    expect((await heard(CHAT, false)).text).toBe("first");
    expect(two.seen.length).toBe(0);
  });

  test("after the first word nobody is asked, however slow the rest is", async () => {
    open({ first: { delayBetween: 40, answer: { text: "one two three" } }, second: {}, hedge: { after: 500 } });
    expect((await heard(CHAT, true)).text).toBe("one two three");
    expect(two.seen.length).toBe(0);
  });

  test("no more requests are asked twice than so many in a hundred", async () => {
    const slow: Behaviour = { delay: 60, answer: { text: "slow" } };
    open({ first: slow, second: slow, hedge: { after: 5, percent: 10 } });
    await Promise.all(Array.from({ length: 40 }, async () => (await call(CHAT, false)).text()));
    await until("all to be over", () => box.records.length === 40);
    const twice = box.records.filter(({ trace }) => trace.attempts.length > 1).length;
    expect(twice).toBeGreaterThan(0);
    expect(twice).toBeLessThanOrEqual(40 / 10 + 1);
  });
});
