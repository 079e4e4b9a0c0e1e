import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { type Behaviour, EMPTY_200, failing, HTML_200, HTML_502 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { hearMessageStream } from "../hearers/anthropic-messages.ts";

/** What Anthropic's clients are told when something fails: in their own shape, with a status that they act on, whoever failed. */
const KINDS = ["openai", "anthropic", "gemini", "ollama", "vllm"] as const;
let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({ models: Object.fromEntries(KINDS.map((kind) => [kind, [{ kind, url: fake.url }]])), policy: { attempts: 1 }, bodyCap: 100_000 });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const HI = [{ role: "user", content: "hi" }];
interface Told {
  readonly status: number;
  readonly type: unknown;
  readonly message: string;
  readonly retry: string | null;
}

async function told(response: Response): Promise<Told> {
  const json = objectOf(parseJson(await response.text()));
  const error = objectOf(json["error"]);
  expect([json["type"], typeof json["request_id"], response.headers.get("content-type")]).toEqual(["error", "string", "application/json"]);
  expect(response.headers.get("request-id")).toBe(response.headers.get("x-request-id"));
  return { status: response.status, type: error["type"], message: String(error["message"]), retry: response.headers.get("x-should-retry") };
}

const ask = (model: string, behaviour: Behaviour, more: JsonObject = {}) => {
  fake.play(behaviour);
  return box.post("/v1/messages", { model, max_tokens: 9, messages: HI, ...more });
};

describe("an upstream that fails before it says anything", () => {
  const rows: [string, Behaviour, status: number, type: string][] = [
    ["429", failing(429, 3), 429, "rate_limit_error"],
    ["401 for our key", failing(401), 502, "api_error"],
    ["403 for our account", failing(403), 502, "api_error"],
    ["404 for its model", failing(404), 404, "not_found_error"],
    ["500", failing(500), 502, "api_error"],
    ["503", failing(503), 529, "overloaded_error"],
    ["504", failing(504), 504, "timeout_error"],
    ["HTML with 502", HTML_502, 502, "api_error"],
    ["HTML with 200", HTML_200, 502, "api_error"],
    ["nothing with 200", EMPTY_200, 502, "api_error"],
    ["a cut", { cut: "before-body" }, 502, "api_error"],
  ];
  for (const kind of KINDS) {
    test.each(rows)(`${kind}: %s`, async (_name, behaviour, status, type) => {
      for (const stream of [true, false]) {
        const answer = await ask(kind, behaviour, { stream });
        expect(answer.headers.get("retry-after")).toBe(status === 429 ? "3" : null);
        expect(await told(answer)).toMatchObject({ status, type, retry: null });
      }
    });

    test(`${kind}: an error inside a 200`, async () => {
      const { status, type } = await told(await ask(kind, { errorFrame: { afterFrames: 0 } }, { stream: true }));
      expect([status >= 500, type === "api_error" || type === "overloaded_error"]).toEqual([true, true]);
    });
  }

  test("Anthropic's own 529", async () => {
    expect(await told(await ask("anthropic", failing(529)))).toMatchObject({ status: 529, type: "overloaded_error", retry: null });
  });

  test.each(KINDS)("%s: an unknown model's name is in the message", async (kind) => {
    expect((await told(await ask(kind, failing(404)))).message).toContain(`${kind}/${kind}`);
  });
});

describe("an upstream that fails in the middle", () => {
  for (const kind of KINDS) {
    test.each<[string, Behaviour]>([
      ["an error", { errorFrame: { afterFrames: 5 } }],
      ["a cut", { cut: { afterFrames: 5 } }],
      ["an end too early", { endAfterFrames: 5 }],
    ])(`${kind}: %s`, async (_name, behaviour) => {
      const response = await ask(kind, { answer: { text: "one two three four five six seven eight" }, ...behaviour }, { stream: true });
      const heard = hearMessageStream(await response.text());
      expect([response.status, heard.problems, heard.text.startsWith("one")]).toEqual([200, [], true]);
      expect(["api_error", "overloaded_error", "rate_limit_error"]).toContain(String(heard.error?.["type"]));
      expect((await box.record(box.records.length - 1)).outcome).toBe("failed");
    });
  }

  test("after the status line is sent, before a word of answer", async () => {
    fake.play({ delay: 200, reply: { status: 529 } });
    const held = startBox({ models: { m: [{ kind: "openai", url: fake.url }] }, policy: { attempts: 1, holdStatus: 20 } });
    const response = await held.post("/v1/messages", { model: "m", max_tokens: 9, messages: HI, stream: true });
    const heard = hearMessageStream(await response.text());
    await held.stop();
    expect([response.status, heard.problems, heard.error?.["type"]]).toEqual([200, [], "overloaded_error"]);
  });
});

describe("a prompt that is too long, in the words Claude Code acts on", () => {
  const openai = (message: string) => ({ error: { message, type: "invalid_request_error", param: "messages", code: "context_length_exceeded" } });
  const rows: [(typeof KINDS)[number], number, JsonObject, string][] = [
    [
      "openai",
      400,
      openai(
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 130001 tokens. Please reduce the length of the messages.",
      ),
      "prompt is too long: 130001 tokens > 128000 maximum",
    ],
    [
      "vllm",
      400,
      {
        object: "error",
        message: "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens (5000 in the messages, 4000 in the completion).",
        code: 400,
      },
      "input length and `max_tokens` exceed context limit: 5000 + 4000 > 8192, decrease input length or `max_tokens` and try again",
    ],
    [
      "gemini",
      400,
      { error: { code: 400, message: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).", status: "INVALID_ARGUMENT" } },
      "prompt is too long: 1200000 tokens > 1048576 maximum",
    ],
    ["ollama", 400, { error: "the input exceeds the context length" }, "prompt is too long: "],
  ];
  test.each(rows)("%s", async (kind, status, body, message) => {
    const answer = await told(await ask(kind, { reply: { status, headers: { "content-type": "application/json" }, body } }));
    expect([answer.status, answer.type, answer.retry, answer.message.slice(0, message.length)]).toEqual([400, "invalid_request_error", "false", message]);
  });
});

test("an upstream's own complaint about the request is told, in the client's shape", async () => {
  const body = { error: { message: "tools[0]: too deep", type: "invalid_request_error", param: "tools", code: null } };
  expect(await told(await ask("openai", { reply: { status: 422, headers: { "content-type": "application/json" }, body } }))).toEqual({
    status: 400,
    type: "invalid_request_error",
    message: "tools[0]: too deep",
    retry: "false",
  });
});

describe("what an upstream cannot take, at the place where the client wrote it", () => {
  const image = (source: JsonObject) => ({ type: "image", source });
  const asked = (block: JsonObject) => ({
    system: "Be brief.",
    tools: [
      { name: "hidden", defer_loading: true },
      { name: "shot", input_schema: { type: "object" } },
    ],
    messages: [
      ...HI,
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "shot", input: {} }] },
      {
        role: "user",
        content: [
          { type: "text", text: "see" },
          { type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "a" }, block] },
        ],
      },
    ],
  });
  const rows: [(typeof KINDS)[number], JsonObject][] = [
    ["openai", image({ type: "file", file_id: "file_1" })],
    ["gemini", image({ type: "url", url: "https://example.com/a.png" })],
    ["gemini", image({ type: "file", file_id: "file_1" })],
    ["ollama", image({ type: "url", url: "https://example.com/a.png" })],
    ["ollama", { type: "document", source: { type: "base64", media_type: "application/pdf", data: "AAAA" } }],
  ];
  test.each(rows)("%s: %j", async (kind, block) => {
    const { status, message } = await told(await ask(kind, {}, asked(block)));
    expect([status, message.split(" ", 1)[0]]).toEqual([400, "messages[2].content[1].content[1]"]);
  });

  test("a tool by its number among all that were named", async () => {
    const tools = [
      { name: "hidden", defer_loading: true },
      { name: "f", input_schema: { type: "string" } },
    ];
    expect((await told(await ask("gemini", {}, { tools }))).message).toStartWith("tools[1].parameters must be");
  });
});

describe("what we refuse ourselves", () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(box.url + path, { method: "POST", headers: { "content-type": "application/json", authorization: "Bearer sb-test", ...headers }, body });
  const plain = JSON.stringify({ model: "openai", max_tokens: 9, messages: HI });

  test.each(["/v1/messages", "/messages", "/v1/messages/count_tokens", "/messages/count_tokens"])("a key nobody knows, at %s", async (path) => {
    expect(await told(await post(path, plain, { authorization: "Bearer wrong" }))).toMatchObject({ status: 401, type: "authentication_error", retry: "false" });
  });

  test.each(["/v1/messages", "/v1/messages/count_tokens"])("a model nobody knows, at %s", async (path) => {
    const { message, ...rest } = await told(await post(path, plain.replace("openai", "gpt-unheard")));
    expect(rest).toEqual({ status: 404, type: "not_found_error", retry: "false" });
    expect(message).toMatch(/"gpt-unheard" does not exist/);
  });

  const rows: [string, string, string, status: number, type: string, message: string][] = [
    ["a path nobody has", "/v1/messages/batches", plain, 404, "not_found_error", "There is no POST /v1/messages/batches here."],
    ["no JSON", "/v1/messages", "{", 400, "invalid_request_error", "The request body is not valid JSON"],
    ["no bound", "/v1/messages", '{"model":"openai","messages":[{}]}', 400, "invalid_request_error", "max_tokens is missing"],
    ["too much", "/v1/messages", JSON.stringify({ ...JSON.parse(plain), x: "x".repeat(200_000) }), 413, "request_too_large", ""],
    [
      "a tool that only Anthropic runs",
      "/v1/messages",
      JSON.stringify({ ...JSON.parse(plain), tools: [{ type: "web_search_20250305", name: "web_search" }] }),
      400,
      "invalid_request_error",
      'tools[0].type is "web_search_20250305"',
    ],
    [
      "the same to be counted",
      "/v1/messages/count_tokens",
      JSON.stringify({ ...JSON.parse(plain), tools: [{ type: "web_search_20250305", name: "web_search" }] }),
      400,
      "invalid_request_error",
      'tools[0].type is "web_search_20250305"',
    ],
  ];
  test.each(rows)("%s", async (_name, path, body, status, type, message) => {
    const answer = await told(await post(path, body));
    expect([answer.status, answer.type, answer.retry, answer.message.slice(0, message.length)]).toEqual([status, type, "false", message]);
  });

  test("a method nobody takes", async () => {
    expect(await told(await fetch(`${box.url}/v1/messages`))).toMatchObject({ status: 405, type: "invalid_request_error" });
  });
});
