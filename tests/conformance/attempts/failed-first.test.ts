import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Seat } from "../../../src/routing/routing.ts";
import { type Behaviour, EMPTY_200, failing, HTML_200 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, refusingAddress, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestDeployment } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";

/** A seat hears that its call has failed before it is left: who waits for its place is not let in where something has just failed. */
let fake: FakeUpstream;
let nobody: string;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  nobody = await refusingAddress();
});
afterEach(() => box.stop());
afterAll(() => fake.stop());

const profile = { deadlines: { firstToken: 60, idle: 60, total: 120 } };

/** What seats are told, each thing once, in order. */
function open(deployment: TestDeployment): ReadonlySet<string> {
  const told = new Set<string>();
  box = startBox({ models: { m: [{ profile, ...deployment }] }, policy: { attempts: 1 } });
  const { enter } = box.routing;
  const overheard = (seat: Seat): Seat => ({
    target: seat.target,
    begins: () => seat.begins(),
    heard: (headers) => seat.heard(headers),
    another: () => seat.another(),
    answered: () => seat.answered(),
    finished(usage, prompt) {
      told.add("finished");
      seat.finished(usage, prompt);
    },
    failed(failure) {
      told.add(failure.kind);
      seat.failed(failure);
    },
    leave() {
      told.add("left");
      seat.leave();
    },
  });
  Object.assign(box.routing, {
    enter(...wanted: Parameters<typeof enter>) {
      const seat = enter(...wanted);
      return typeof seat === "string" ? seat : overheard(seat);
    },
  });
  return told;
}

const SAYS: Behaviour["answer"] = { text: ["one ", "two ", "three ", "four "] };
/** Of whole answers and streams. */
const FAULTS: Readonly<Record<string, Behaviour>> = {
  "status 500": failing(500),
  "status 429": failing(429),
  HTML: HTML_200,
  "nothing with 200": EMPTY_200,
  "a cut before headers": { cut: "before-headers" },
  "a cut before the body": { cut: "before-body" },
  "silence at first": { stall: "before-headers" },
};
/** Only a stream has them. */
const IN_STREAMS: Readonly<Record<string, Behaviour>> = {
  "a cut after words": { answer: SAYS, cut: { afterFrames: 3 } },
  "an early end": { answer: SAYS, endAfterFrames: 3 },
  "an early end in one piece": { answer: SAYS, endAfterFrames: 3, chunks: "whole" },
  "an error at first": { answer: SAYS, errorFrame: { afterFrames: 0 } },
  "an error after words": { answer: SAYS, errorFrame: { afterFrames: 3 } },
  "silence after words": { answer: SAYS, stall: { afterFrames: 3 } },
};

const chat = (stream: boolean) => box.post("/v1/chat/completions", { model: "m", stream, messages: [{ role: "user", content: "hello" }] });
const FAILURE = /^(upstream-|rate-limited|overloaded)/;

const CASES = [
  ...Object.entries(FAULTS).flatMap(([fault, behaviour]) => [false, true].map((stream) => [fault, stream, behaviour] as const)),
  ...Object.entries(IN_STREAMS).map(([fault, behaviour]) => [fault, true, behaviour] as const),
];

describe.each(["openai", "anthropic", "gemini"])("%s", (kind) => {
  test.each(CASES)("%s; stream: %p", async (_fault, stream, behaviour) => {
    fake.play(behaviour);
    const told = open({ kind, url: fake.url });
    await (await chat(stream)).text();
    await until("the seat to be left", () => told.has("left"));
    const [verdict = "", ...rest] = told;
    expect([FAILURE.test(verdict), ...rest]).toEqual([true, "left"]);
  });
});

test("nobody there", async () => {
  const told = open({ kind: "openai", url: nobody });
  await chat(false);
  expect([...told]).toEqual(["upstream-unreachable", "left"]);
});

test.each<[string, Behaviour]>([
  ["no sound", { reply: { headers: { "content-type": "audio/mpeg" }, body: "" } }],
  ["no events", { reply: { headers: { "content-type": "text/event-stream" }, body: "" } }],
])("what is passed on: %s", async (_name, behaviour) => {
  fake.play(behaviour);
  const told = open({ kind: "openai", url: fake.url });
  await box.post("/v1/audio/speech", { model: "m", input: "words" });
  expect([...told]).toEqual(["upstream-error", "left"]);
});
