import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestBoxOptions } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";

let fake: FakeUpstream;
beforeAll(async () => {
  fake = await startFakeUpstream();
});
afterAll(() => fake.stop());

/** Runs the work with a gateway that has these limits. */
async function within(limits: TestBoxOptions["limits"], work: (box: TestBox) => Promise<void>, more: Partial<TestBoxOptions> = {}): Promise<void> {
  fake.play({ answer: { text: "hi", usage: { input: 11, output: 7 } } });
  fake.forget();
  const models = { m: [{ kind: "openai", url: fake.url }], claude: [{ kind: "anthropic", url: fake.url }], other: [{ kind: "openai", url: fake.url }] };
  const box = startBox({ models, limits, ...more });
  try {
    await work(box);
  } finally {
    await box.stop();
  }
}

const CHAT = { model: "m", messages: [{ role: "user", content: "hello" }] };
const MESSAGE = { model: "claude", max_tokens: 5, messages: [{ role: "user", content: "hello" }] };
const told = (response: Response) => Object.fromEntries([...response.headers].filter(([name]) => name.includes("ratelimit") || name.includes("retry")));
async function asked(box: TestBox, path = "/v1/chat/completions", body: unknown = CHAT, init?: RequestInit) {
  const response = await box.post(path, body, init);
  const text = await response.text();
  return { status: response.status, headers: told(response), error: objectOf(objectOf(text.startsWith("{") ? JSON.parse(text) : {})["error"]), text };
}

describe("OpenAI's clients", () => {
  test("are told what is left, and are turned away in its words when nothing is", () =>
    within({ user: { requestsPerMinute: 2 } }, async (box) => {
      const first = await asked(box);
      expect([first.status, first.headers]).toEqual([
        200,
        { "x-ratelimit-limit-requests": "2", "x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": "1m0s" },
      ]);
      expect((await asked(box, "/v1/models", undefined, { method: "GET", body: undefined })).headers["x-ratelimit-remaining-requests"]).toBe("0");
      const third = await asked(box);
      expect(third.status).toBe(429);
      expect(third.headers).toMatchObject({ "x-ratelimit-limit-requests": "2", "x-ratelimit-remaining-requests": "0" });
      expect(Number(third.headers["retry-after"])).toBeWithin(50, 61);
      expect(third.headers).not.toHaveProperty("x-should-retry");
      expect(third.error).toMatchObject({ type: "rate_limit_error", code: "rate_limit_exceeded", param: null });
      expect(third.error["message"]).toMatch(/^This user may make 2 requests per minute: 0 are left, and all again in \d+ s\. The next fits in \d+ s\.$/);
      expect(fake.seen).toHaveLength(1);
    }));

  test("of an hour's limit are told not to try again by themselves", () =>
    within({ key: { requestsPerHour: 1 } }, async (box) => {
      await asked(box);
      const second = await asked(box);
      expect(second.headers["x-should-retry"]).toBe("false");
      expect(Number(second.headers["retry-after"])).toBeWithin(3_500, 3_601);
      expect(second.error["message"]).toContain("This key may make 1 request per hour");
    }));

  test("get its error from the official SDK", () =>
    within({ global: { requestsPerSecond: 1 } }, async (box) => {
      const client = new OpenAI({ baseURL: `${box.url}/v1`, apiKey: "sb-test", maxRetries: 0 });
      const ask = () => client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "hello" }] });
      await ask();
      let thrown: unknown;
      for (let tries = 0; thrown === undefined && tries < 100; tries++)
        await ask().catch((error: unknown) => {
          thrown = error;
        });
      expect(thrown).toBeInstanceOf(OpenAI.RateLimitError);
      expect(String(thrown)).toContain("All callers together may make 1 request per second");
      expect(thrown).toMatchObject({ code: "rate_limit_exceeded", status: 429 });
    }));

  test("that try again by themselves succeed", () =>
    within({ global: { requestsPerSecond: 20, burst: 1 } }, async (box) => {
      const client = new OpenAI({ baseURL: `${box.url}/v1`, apiKey: "sb-test", maxRetries: 5 });
      const ask = () => client.chat.completions.create({ model: "m", messages: [{ role: "user", content: "hello" }] });
      const answers = await Promise.all([ask(), ask(), ask()]);
      expect(answers.map(({ choices }) => choices[0]?.message.content)).toEqual(["hi", "hi", "hi"]);
    }));
});

describe("Anthropic's clients", () => {
  test("are told in its words, and never what is left of our own account there", () =>
    within({ user: { requestsPerMinute: 1, tokensPerMinute: 9_000 } }, async (box) => {
      fake.play({ answer: { text: "hi", usage: { input: 11, output: 7 } }, headers: { "anthropic-ratelimit-requests-remaining": "4711" } });
      const first = await asked(box, "/v1/messages", MESSAGE);
      expect(Object.keys(first.headers).sort()).toEqual(
        ["requests", "tokens"].flatMap((what) => ["limit", "remaining", "reset"].map((which) => `anthropic-ratelimit-${what}-${which}`)),
      );
      expect(first.headers).toMatchObject({ "anthropic-ratelimit-requests-limit": "1", "anthropic-ratelimit-requests-remaining": "0" });
      expect(first.headers["anthropic-ratelimit-requests-reset"]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      const second = await asked(box, "/v1/messages", MESSAGE);
      expect([second.status, second.error["type"]]).toEqual([429, "rate_limit_error"]);
      const client = new Anthropic({ baseURL: box.url, apiKey: "sb-test", maxRetries: 0 });
      const thrown = await client.messages
        .create({ model: "claude", max_tokens: 5, messages: [{ role: "user", content: "hi" }] })
        .catch((error: unknown) => error);
      expect(thrown).toBeInstanceOf(Anthropic.RateLimitError);
    }));

  test("and everybody else are told nothing where nothing is limited", async () => {
    for (const limits of [undefined, {}])
      await within(limits, async (box) => {
        fake.play({ headers: { "anthropic-ratelimit-requests-remaining": "4711", "x-ratelimit-remaining-requests": "4711" } });
        expect((await asked(box, "/v1/messages", MESSAGE)).headers).toEqual({});
        expect((await asked(box)).headers).toEqual({});
      });
  });
});

describe("tokens", () => {
  const spent = async (box: TestBox) =>
    listOf(objectOf(await (await box.post("/api/me/limits", undefined, { method: "GET", body: undefined })).json())["limits"]).map(
      (row) => objectOf(row)["used"],
    );

  test("are reserved by an estimate, and settled with what was used", () =>
    within({ user: { tokensPerMinute: 5_000 } }, async (box) => {
      const first = await asked(box);
      // 1000 for an answer nobody bounds, and a few for the prompt.
      expect(Number(first.headers["x-ratelimit-remaining-tokens"])).toBeWithin(3_900, 4_000);
      await box.record(0);
      expect(await spent(box)).toEqual([18]);
      fake.play({ answer: { text: "hi", usage: { input: 3_000, output: 2_500 } } });
      expect((await asked(box)).status).toBe(200);
      await box.record(1);
      // More than was reserved, and than the limit: counted as it is.
      expect(await spent(box)).toEqual([5_518]);
      const third = await asked(box);
      expect([third.status, third.error["message"]]).toEqual([
        429,
        expect.stringMatching(/^This user may use 5000 tokens per minute: 0 are left.* This request may need 10\d\d \(/),
      ]);
    }));

  test("are given back by whatever is not answered, streams that break off too, and the request counts", () =>
    within({ user: { tokensPerMinute: 2_000, requestsPerMinute: 100 } }, async (box) => {
      expect((await asked(box, undefined, { ...CHAT, model: "nowhere" })).status).toBe(404);
      fake.play({ reply: { status: 400, body: { error: { message: "no", type: "invalid_request_error" } } } });
      expect((await asked(box)).status).toBe(400);
      fake.play({ cut: "before-headers" });
      expect((await asked(box, undefined, { ...CHAT, stream: true })).status).toBe(502);
      await box.record(2);
      expect(await spent(box)).toEqual([3, 0]);
    }));

  test("that never fit are refused for good, and take no request with them", () =>
    within({ user: { tokensPerMinute: 500, requestsPerMinute: 100 } }, async (box) => {
      const { status, headers, error } = await asked(box);
      expect([status, headers["x-should-retry"], headers["retry-after"]]).toEqual([429, "false", undefined]);
      expect(error["message"]).toContain("never fits. Shorten the prompt or ask for less with max_tokens.");
      expect(await spent(box)).toEqual([0, 0]);
      expect((await asked(box, undefined, { ...CHAT, max_tokens: 50 })).status).toBe(200);
    }));

  test("are not taken by counting, and are by embeddings, reranking and Responses", () =>
    within({ user: { tokensPerMinute: 2_000 } }, async (box) => {
      await asked(box, "/v1/messages/count_tokens", MESSAGE);
      expect(await spent(box)).toEqual([0]);
      const others: [path: string, body: object][] = [
        ["/v1/embeddings", { model: "m", input: "hello" }],
        ["/v1/responses", { model: "m", input: "hello" }],
        ["/v1/completions", { model: "m", prompt: "hello" }],
        ["/api/chat", { model: "m", messages: CHAT.messages, stream: false }],
        ["/v1beta/models/m:generateContent", { contents: [{ role: "user", parts: [{ text: "hello" }] }] }],
        ["/v1/moderations", { model: "m", input: "hello" }],
      ];
      for (const [index, [path, body]] of others.entries()) {
        const { headers } = await asked(box, path, body);
        expect([path, Number(headers["x-ratelimit-remaining-tokens"]) < 2_000]).toEqual([path, true]);
        await box.record(index + 1);
      }
    }));
});

describe("requests at once", () => {
  test("are as many as may be, and each makes room for one, however it ends", () =>
    within({ key: { maxParallel: 2 } }, async (box) => {
      fake.play({ stall: { afterFrames: 2 } });
      const leaving = new AbortController();
      const ask = () => box.post("/v1/chat/completions", { ...CHAT, stream: true }, { signal: leaving.signal });
      const open = await Promise.all([ask(), ask()]);
      expect(open.map(({ status }) => status)).toEqual([200, 200]);
      const third = await asked(box);
      expect([third.status, third.headers["retry-after"]]).toEqual([429, "1"]);
      expect(third.error["message"]).toBe("This key may make 2 requests at once: 2 are running. Ask again when one has ended.");
      leaving.abort();
      await until("both to have ended", () => box.inFlight() === 0);
      fake.play({});
      for (let time = 0; time < 5; time++) expect((await asked(box)).status).toBe(200);
      expect((await asked(box, undefined, "no json")).status).toBe(400);
      expect((await asked(box, undefined, { ...CHAT, stream: true })).status).toBe(200);
      expect((await asked(box)).status).toBe(200);
    }));
});

describe("who is limited", () => {
  const statuses = async (box: TestBox, keys: readonly string[], path?: string, body?: unknown) => {
    const got: number[] = [];
    for (const key of keys)
      got.push((await asked(box, path, body, { headers: { authorization: `Bearer ${key}`, "content-type": "application/json" } })).status);
    return got;
  };
  const CALLERS = {
    a1: { keyId: "a1", userId: "a" },
    a2: { keyId: "a2", userId: "a" },
    b: { keyId: "b", userId: "b", teamId: "t" },
    c: { keyId: "c", teamId: "t" },
    admin: { keyId: "admin", role: "admin" },
    own: { keyId: "own", bounds: [{ scope: "key", id: "own", limits: { requestsPerMinute: 3 } }] },
  } as const;

  const ROWS: readonly [name: string, limits: NonNullable<TestBoxOptions["limits"]>, keys: string[], statuses: number[]][] = [
    ["all keys of a user together, and each user alone", { user: { requestsPerMinute: 2 } }, ["a1", "a2", "a1", "b"], [200, 200, 429, 200]],
    ["each key alone", { key: { requestsPerMinute: 1 } }, ["a1", "a2", "a1"], [200, 200, 429]],
    ["a key without a user, as a user of its own", { user: { requestsPerMinute: 1 } }, ["c", "c", "own"], [200, 429, 200]],
    ["a team, whoever asks for it", { team: { requestsPerMinute: 2 } }, ["b", "c", "b", "a1"], [200, 200, 429, 200]],
    ["all together", { global: { requestsPerMinute: 2 } }, ["a1", "b", "c"], [200, 200, 429]],
    ["an address", { ip: { requestsPerMinute: 2 } }, ["a1", "b", "c"], [200, 200, 429]],
    ["a model, whoever asks for it", { model: { requestsPerMinute: 2 } }, ["a1", "b", "c"], [200, 200, 429]],
    ["a key by limits of its own, field by field", { key: { requestsPerMinute: 1, requestsPerHour: 2 } }, ["own", "own", "own"], [200, 200, 429]],
    [
      "nobody who runs the gateway",
      { ip: { requestsPerMinute: 0 }, global: { requestsPerMinute: 0 }, model: { requestsPerMinute: 0 } },
      ["admin", "a1"],
      [200, 429],
    ],
    ["an address that tries keys that are none", { ip: { requestsPerMinute: 2 } }, ["wrong", "wrong", "wrong"], [401, 401, 429]],
  ];
  test.each(ROWS)("%s", (_name, limits, keys, expected) =>
    within(limits, async (box) => expect(await statuses(box, keys)).toEqual(expected), { callers: CALLERS }),
  );

  test("the end users of a key that vouches, each alone, and not the key that asks for them all", () =>
    within(
      { user: { requestsPerMinute: 1 }, key: { requestsPerMinute: 1 }, ip: { requestsPerMinute: 1 } },
      async (box) => {
        const as = async (user: string) =>
          (await asked(box, undefined, CHAT, { headers: { "x-openwebui-user-id": user, "content-type": "application/json" } })).status;
        expect([await as("ann"), await as("bob"), await as("ann"), await as("")]).toEqual([200, 200, 429, 200]);
      },
      { caller: { vouches: true } },
    ));

  test("a model that is refused by its own limit takes nothing of the others'", () =>
    within({ model: { requestsPerMinute: 1 }, user: { requestsPerMinute: 2 } }, async (box) => {
      const of = async (model: string) => (await asked(box, undefined, { ...CHAT, model })).status;
      expect([await of("m"), await of("m"), await of("m"), await of("other"), await of("other")]).toEqual([200, 429, 429, 200, 429]);
    }));
});

test("whoever asks is told how its own limits stand, and to look takes nothing", () =>
  within({ user: { requestsPerMinute: 4 }, key: { requestsPerHour: 10 }, global: { requestsPerMinute: 50 } }, async (box) => {
    await asked(box);
    for (let time = 0; time < 3; time++) {
      const response = await box.post("/api/me/limits", undefined, { method: "GET", body: undefined });
      const limits = listOf(objectOf(await response.json())["limits"]).map(objectOf);
      expect(limits.map(({ scope, what, limit, used, remaining, binds_first }) => [scope, what, limit, used, remaining, binds_first])).toEqual([
        ["key", "requests per hour", 10, 1, 9, false],
        ["user", "requests per minute", 4, 1, 3, true],
      ]);
      expect(limits[1]?.["text"]).toMatch(/^This user may make 4 requests per minute: 3 are left, and all again in \d+ s\.$/);
      expect(String(limits[1]?.["resets_at"])).toMatch(/^\d{4}-\d\d-\d\dT/);
    }
  }));
