import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { listOf, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { type Behaviour, failing, HTML_502 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** What Google's clients are told when something goes wrong: in their words, wherever it went wrong. */
const KINDS = ["gemini", "openai", "anthropic", "ollama"];
let fake: FakeUpstream;
/** Waits with the status until something fails, however slow the machine is. */
let box: TestBox;
/** Waits hardly at all. */
let hasty: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  const models = Object.fromEntries(KINDS.map((kind) => [kind, [{ kind, url: fake.url }]]));
  box = startBox({ models, policy: { attempts: 1 } });
  hasty = startBox({ models, policy: { attempts: 1, comment: 20, holdStatus: 40 } });
});
beforeEach(() => fake.forget());
afterAll(async () => {
  await box.stop();
  await hasty.stop();
  await fake.stop();
});

const BODY = { contents: [{ role: "user", parts: [{ text: "hi" }] }] };
const VERBS = ["generateContent", "streamGenerateContent?alt=sse", "streamGenerateContent"];

/** The one error object a client finds. */
async function errorOf(response: Response): Promise<{ code: number; status: string; message: string; at: string }> {
  const error = objectOf(objectOf(await response.json())["error"]);
  expect(response.headers.get("content-type")).toStartWith("application/json");
  const violations = listOf(error["details"]).flatMap((detail) => listOf(objectOf(detail)["fieldViolations"]).map((each) => String(objectOf(each)["field"])));
  expect(error["code"]).toBe(response.status);
  return { code: response.status, status: String(error["status"]), message: String(error["message"]), at: violations.join() };
}

describe.each(KINDS)("%s", (kind) => {
  const ROWS: readonly (readonly [string, Behaviour, number, string, again: boolean])[] = [
    ["refuses the request", failing(400), 400, "INVALID_ARGUMENT", false],
    ["refuses our key", failing(401), 502, "INTERNAL", true],
    ["has no such model", failing(404), 502, "INTERNAL", true],
    ["limits us", failing(429, 7), 429, "RESOURCE_EXHAUSTED", true],
    ["is broken", failing(500), 502, "INTERNAL", true],
    ["is full", failing(503), 503, "UNAVAILABLE", true],
    ["is somebody else", HTML_502, 502, "INTERNAL", true],
    ["hangs up", { cut: "before-headers" }, 502, "UNAVAILABLE", true],
  ];
  for (const verb of VERBS) {
    test.each(ROWS)(`${verb}: an upstream that %s`, async (_name, behaviour, code, status, again) => {
      fake.play(behaviour);
      const response = await box.post(`/v1beta/models/${kind}:${verb}`, BODY);
      const error = await errorOf(response);
      expect([error.code, error.status]).toEqual([code, status]);
      expect(response.headers.get("x-should-retry")).toBe(again ? null : "false");
      expect(response.headers.get("retry-after")).toBe(code === 429 ? "7" : null);
      expect(error.message).not.toContain("upstream-key");
    });
  }

  test("a stream that breaks off in the middle says so, in frames", async () => {
    fake.play({ answer: { text: ["one ", "two ", "three"] }, endAfterFrames: 4, drop: ["finish", "usage", "end"] });
    const text = await (await box.post(`/v1beta/models/${kind}:streamGenerateContent?alt=sse`, BODY)).text();
    const frames = text.split(/\r?\n\r?\n/).filter((frame) => frame !== "");
    const last = objectOf(parseJson(frames.at(-1)?.slice("data: ".length) ?? ""));
    expect(frames.length).toBeGreaterThan(1);
    expect([objectOf(last["error"])["code"], objectOf(last["error"])["status"]]).toEqual([502, "INTERNAL"]);
    expect(text).not.toContain("[DONE]");
    expect((await box.record(box.records.length - 1)).outcome).toBe("failed");
  });

  test("and as a list that is still JSON", async () => {
    fake.play({ answer: { text: ["one ", "two ", "three"] }, endAfterFrames: 4, drop: ["finish", "usage", "end"] });
    const list = (await (await box.post(`/v1beta/models/${kind}:streamGenerateContent`, BODY)).json()) as unknown[];
    expect(list.length).toBeGreaterThan(1);
    expect(objectOf(objectOf(list.at(-1))["error"])["code"]).toBe(502);
    expect(objectOf(list[0])["candidates"]).toBeDefined();
  });

  test("a stream that is slow to begin is kept alive by empty lines, and may still fail", async () => {
    fake.play({ ...failing(500), delay: 150 });
    const response = await hasty.post(`/v1beta/models/${kind}:streamGenerateContent?alt=sse`, BODY);
    const text = await response.text();
    expect(response.status).toBe(200);
    expect(text).toMatch(/^\n+data: \{"error":.*\}\n\n$/);
    fake.play({ answer: { text: "late" }, delay: 150 });
    const list = await (await hasty.post(`/v1beta/models/${kind}:streamGenerateContent`, BODY)).text();
    expect(list).toMatch(/^\n+\[/);
    expect(JSON.stringify(JSON.parse(list))).toContain("late");
  });
});

describe("Gemini's own words", () => {
  test("about the request pass as they are, with their details", async () => {
    const body =
      '{"error": {"code": 400, "message": "Invalid value at \'contents[0]\'", "status": "INVALID_ARGUMENT", "details": [{"@type": "x", "n": 1.0}]}}\n';
    fake.play({ reply: { status: 400, headers: { "content-type": "application/json; charset=UTF-8" }, body } });
    for (const verb of [...VERBS, "countTokens"]) {
      const response = await box.post(`/v1beta/models/gemini:${verb}`, BODY);
      expect([response.status, await response.text()]).toEqual([400, body]);
    }
    fake.play({ reply: { status: 400, headers: { "content-type": "application/json" }, body } });
    const response = await box.post("/v1beta/models/gemini:embedContent", { content: { parts: [{ text: "a" }] } });
    expect([response.status, await response.text()]).toEqual([400, body]);
  });

  test("about our key do not", async () => {
    const body = { error: { code: 400, message: "API key not valid.", status: "INVALID_ARGUMENT", details: [{ reason: "API_KEY_INVALID" }] } };
    fake.play({ reply: { status: 400, body } });
    const error = await errorOf(await box.post("/v1beta/models/gemini:generateContent", BODY));
    expect([error.code, error.message]).toEqual([
      502,
      "The provider gemini refused the gateway's own credentials or account. Its operator has to check the key.",
    ]);
  });
});

describe("our own", () => {
  const post = (path: string, body: unknown = BODY, init: RequestInit = {}) => box.post(path, body, init);
  test.each<[string, () => Promise<Response>, number, string, string]>([
    ["no such model", () => post("/v1beta/models/nobody:generateContent"), 404, "NOT_FOUND", "model"],
    ["no such method", () => post("/v1beta/models/openai:predict"), 404, "NOT_FOUND", ""],
    ["no such method of v1", () => post("/v1/models/openai:predict"), 404, "NOT_FOUND", ""],
    ["no method", () => post("/v1beta/models/openai"), 404, "NOT_FOUND", ""],
    ["what is not here", () => post("/v1beta/cachedContents"), 404, "NOT_FOUND", ""],
    ["what is not here, in another way", () => fetch(`${box.url}/v1beta/files/abc`, { method: "DELETE" }), 404, "NOT_FOUND", ""],
    ["no JSON", () => post("/v1beta/models/openai:generateContent", "{"), 400, "INVALID_ARGUMENT", ""],
    ["no contents", () => post("/v1beta/models/openai:generateContent", {}), 400, "INVALID_ARGUMENT", "contents"],
    [
      "a tool of Google's",
      () => post("/v1beta/models/openai:generateContent", { ...BODY, tools: [{ googleSearch: {} }] }),
      400,
      "INVALID_ARGUMENT",
      "tools[0].googleSearch",
    ],
    ["no content to embed", () => post("/v1beta/models/openai:embedContent", {}), 400, "INVALID_ARGUMENT", "content"],
    ["a wrong key", () => post("/v1beta/models/openai:generateContent", BODY, { headers: { authorization: "Bearer wrong" } }), 401, "UNAUTHENTICATED", ""],
    ["a wrong key at the list", () => fetch(`${box.url}/v1beta/models`, { headers: { authorization: "Bearer wrong" } }), 401, "UNAUTHENTICATED", ""],
    [
      "levels without end",
      () => post("/v1beta/models/openai:generateContent", `{"contents":[{"parts":[{"text":"a"}]}],"x":${"[".repeat(3000)}${"]".repeat(3000)}}`),
      400,
      "INVALID_ARGUMENT",
      "",
    ],
  ])("%s", async (_name, ask, code, status, at) => {
    const response = await ask();
    expect(response.headers.get("x-should-retry")).toBe("false");
    expect(await errorOf(response)).toEqual({ code, status, at, message: expect.any(String) });
    expect(fake.seen).toHaveLength(0);
  });

  test("OpenAI's routes keep OpenAI's words", async () => {
    const response = await fetch(`${box.url}/v1/models/nobody`, { headers: { authorization: "Bearer sb-test" } });
    expect(objectOf(objectOf(await response.json())["error"])["code"]).toBe("model_not_found");
  });
});
