import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import { EMPTY_200, failing, HTML_200, HTML_502 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** Both commits: failover is invisible until the first content event, and the status line is held until content or `holdStatus`. */
let sick: FakeUpstream;
let well: FakeUpstream;
let box: TestBox;

/** Every provider whose dialect streams, with the path its fake listens on. */
const KINDS = ["openai", "anthropic", "gemini", "ollama"] as const;

beforeAll(async () => {
  sick = await startFakeUpstream();
  well = await startFakeUpstream({ answer: { text: "well" } });
});
afterEach(async () => {
  await box.stop();
  sick.forget();
  well.forget();
});
afterAll(async () => {
  await sick.stop();
  await well.stop();
});

const ask = (stream: boolean) => box.post("/v1/chat/completions", { model: "m", stream, messages: [{ role: "user", content: "hello" }] });

/** What is wrong with the first deployment before any content: all of it must be invisible to the client. */
const BEFORE_CONTENT: Record<string, Behaviour> = {
  "500": failing(500),
  "503": failing(503),
  "429": failing(429),
  "401 for our key": failing(401),
  "404 for the model": failing(404),
  "HTML with 502": HTML_502,
  "HTML with 200": HTML_200,
  "nothing with 200": EMPTY_200,
  "cut before headers": { cut: "before-headers" },
  "cut before the body": { cut: "before-body" },
  "an error frame inside a 200": { errorFrame: { afterFrames: 0 } },
  "silence before headers": { stall: "before-headers" },
  "silence before the body": { stall: "before-body" },
};

for (const kind of KINDS) {
  describe(`${kind}: before content`, () => {
    for (const [name, behaviour] of Object.entries(BEFORE_CONTENT)) {
      for (const stream of [true, false]) {
        // An error frame exists in streams only, and a silent unary call has nothing but its total deadline.
        if (!stream && name.startsWith("an error frame")) continue;
        test(`${name}, ${stream ? "streaming" : "unary"}: the next deployment answers`, async () => {
          sick.play(behaviour);
          box = startBox({
            models: {
              m: [
                { kind, url: sick.url, model: "sick", profile: { deadlines: stream ? { firstToken: 150 } : { total: 300 } } },
                { kind, url: well.url, model: "well" },
              ],
            },
          });
          const response = await ask(stream);
          const text = await response.text();
          expect([response.status, text.includes("well"), text.includes("error")]).toEqual([200, true, false]);
          const record = await box.record(0);
          expect(record.outcome).toBe("ok");
          expect(record.trace.attempts.map((attempt) => attempt.deployment)).toEqual([`${kind}-0/sick`, `${kind}-1/well`]);
        });
      }
    }
  });

  describe(`${kind}: after content`, () => {
    const AFTER: Record<string, Behaviour> = {
      "a cut": { cut: { afterFrames: 4 }, answer: { text: "one two three four five six seven eight nine ten" } },
      "an orderly end too early": { endAfterFrames: 4, answer: { text: "one two three four five six seven eight nine ten" } },
      silence: { stall: { afterFrames: 4 }, answer: { text: "one two three four five six seven eight nine ten" } },
    };
    for (const [name, behaviour] of Object.entries(AFTER)) {
      test(`${name} is one typed error and a clean end, never a second answer`, async () => {
        sick.play(behaviour);
        box = startBox({
          models: {
            m: [
              { kind, url: sick.url },
              { kind, url: well.url },
            ],
          },
          policy: { idle: 150 },
        });
        const response = await ask(true);
        const text = await response.text();
        expect(response.status).toBe(200);
        expect(text.match(/"error":/g)?.length).toBe(1);
        expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
        expect(well.seen.length).toBe(0);
        const record = await box.record(0);
        expect(record.outcome).toBe("failed");
        // Gemini reports usage with every frame; the others had not come to it yet.
        expect(record.usage?.evidence).toBe(record.usage?.evidence === "reported" && kind === "gemini" ? "reported" : "counted");
      });
    }
  });
}

describe("the status line", () => {
  test("keeps the true code of a failure that comes early", async () => {
    sick.play(failing(500));
    box = startBox({ models: { m: [{ kind: "openai", url: sick.url }] } });
    const response = await ask(true);
    expect(response.status).toBe(502);
    expect(((await response.json()) as { error: { code: string } }).error.code).toBe("upstream_error");
    expect((await box.record(0)).trace.attempts.length).toBe(3);
  });

  test("is sent after hold_status, with comments, and failover goes on invisibly inside", async () => {
    sick.play({ stall: "before-headers" });
    box = startBox({
      models: {
        m: [
          { kind: "openai", url: sick.url },
          { kind: "openai", url: well.url },
        ],
      },
      policy: { holdStatus: 60, comment: 40, firstToken: 400 },
    });
    const response = await ask(true);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text.startsWith(": ka\n\n")).toBe(true);
    expect(text).toContain("well");
    expect(text).not.toContain("error");
  });

  test("once sent, a final failure is one typed error event", async () => {
    sick.play({ stall: "before-headers" });
    box = startBox({ models: { m: [{ kind: "openai", url: sick.url }] }, policy: { holdStatus: 30, comment: 20, firstToken: 200, attempts: 1 } });
    const response = await ask(true);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text.match(/"code":"upstream_timeout"/g)?.length).toBe(1);
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  test("of a unary answer is never sent early", async () => {
    sick.play({ delay: 250 });
    box = startBox({ models: { m: [{ kind: "openai", url: sick.url }] }, policy: { holdStatus: 20, comment: 20 } });
    const response = await ask(false);
    expect((await response.text()).startsWith("{")).toBe(true);
  });

  test("a quiet stream gets comments between its chunks", async () => {
    sick.play({ delayBetween: 120, answer: { text: "one two" } });
    box = startBox({ models: { m: [{ kind: "openai", url: sick.url }] }, policy: { comment: 30 } });
    expect((await (await ask(true)).text()).includes("\n\n: ka\n\ndata:")).toBe(true);
  });
});

describe("a client that leaves", () => {
  for (const kind of KINDS) {
    for (const [moment, stream, behaviour] of [
      ["before the headers", true, { stall: "before-headers" }],
      ["mid-stream", true, { stall: { afterFrames: 5 }, answer: { text: "one two three four five six seven" } }],
      ["on a unary call", false, { stall: "before-headers" }],
    ] as const) {
      test(`${kind}, ${moment}: the upstream is cancelled and the request settled`, async () => {
        sick.play(behaviour);
        box = startBox({ models: { m: [{ kind, url: sick.url }] } });
        const leaving = new AbortController();
        const response = box.post("/v1/chat/completions", { model: "m", stream, messages: [{ role: "user", content: "hello" }] }, { signal: leaving.signal });
        const seen = await sick.request(0);
        if (moment === "mid-stream") await (await response).body?.getReader().read();
        leaving.abort();
        await response.catch(() => undefined);
        expect(await seen.settled).toBe("client-left");
        const record = await box.record(0);
        expect([record.outcome, box.inFlight()]).toEqual(["client-left", 0]);
      });
    }
  }
});
