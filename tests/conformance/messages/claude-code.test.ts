import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { failing, HTML_502 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { hearMessage, hearMessageStream } from "../hearers/anthropic-messages.ts";

/** What Claude Code says, in our own words, to models that are not Claude's: everything it says with every request must be taken in its stride. */
const MODELS = {
  openai: "gpt-5",
  gemini: "gemini-2.5-pro",
  ollama: "qwen3",
  vllm: "Qwen/Qwen3-Coder",
  groq: "openai/gpt-oss-120b",
  "openai-compatible": "any",
} as const;
type Kind = keyof typeof MODELS;
const KINDS = Object.keys(MODELS) as Kind[];
/** OpenAI's models that think are asked in Responses, which tests of their own look at; these look at its chats. */
const CHAT = { dialect: "openai-chat" } as const;
const SESSION = "b1c2d3e4-0000-4000-8000-000000000001";
const HEADERS = {
  "content-type": "application/json",
  authorization: "Bearer sb-test",
  "anthropic-version": "2023-06-01",
  "anthropic-beta": "claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,effort-2025-11-24",
  "x-claude-code-session-id": SESSION,
  "x-app": "cli",
};

let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: Object.fromEntries(KINDS.map((kind) => [kind, [{ kind, url: fake.url, model: MODELS[kind], profile: kind === "openai" ? CHAT : {} }]])),
  });
});
afterEach(() => {
  fake.forget();
  fake.play({});
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const tool = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  description: `${name} it.`,
  input_schema: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    properties: { file_path: { type: "string" } },
    required: ["file_path"],
    additionalProperties: false,
  },
  ...more,
});
const TOOLS = [
  tool("Read", { eager_input_streaming: true }),
  tool("ToolSearch"),
  tool("WebFetch", { defer_loading: true }),
  tool("DeferredToolPlaceholder", { defer_loading: true }),
];
const MARK = { cache_control: { type: "ephemeral" } };

function body(model: Kind, messages: JsonObject[], more: JsonObject = {}): JsonObject {
  return {
    model,
    messages,
    system: [
      { type: "text", text: `x-anthropic-billing-header: cc_version=2.1.329; cch=${messages.length};` },
      { type: "text", text: "You are an agent.", ...MARK },
      { type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } },
    ],
    tools: TOOLS,
    metadata: { user_id: JSON.stringify({ device_id: "d".repeat(64), account_uuid: "", session_id: SESSION }) },
    max_tokens: 32_000,
    thinking: { type: "adaptive", display: "omitted" },
    context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
    output_config: { effort: "high" },
    stream: true,
    ...more,
  };
}

const FIRST: JsonObject[] = [
  {
    role: "user",
    content: [
      { type: "text", text: "<system-reminder>Notes.</system-reminder>" },
      { type: "text", text: "Look at a.txt and b.txt.", ...MARK },
    ],
  },
  { role: "system", content: "The working directory is /tmp." },
];

const ask = async (model: Kind, messages: JsonObject[], more: JsonObject = {}) => {
  const response = await box.post("/v1/messages?beta=true", body(model, messages, more), { headers: HEADERS });
  const heard = hearMessageStream(await response.text());
  expect([response.status, heard.problems, heard.error]).toEqual([200, [], undefined]);
  return { heard, warnings: response.headers.get("x-signalbox-warnings") };
};

describe.each(KINDS)("%s", (kind) => {
  test("a first word: nothing of its housekeeping reaches the model, or is worth a warning", async () => {
    fake.play({ answer: { thinking: "Hm.", text: "Done." } });
    const { heard, warnings } = await ask(kind, FIRST);
    expect([heard.content, heard.finish]).toEqual([[{ type: "text", text: "Done." }], "end_turn"]);
    expect(warnings).toBeNull();
    const sent = fake.seen[0]?.text ?? "";
    for (const housekeeping of [
      "x-anthropic-billing-header",
      "cache_control",
      "context_management",
      "output_config",
      "eager_input_streaming",
      "WebFetch",
      "DeferredToolPlaceholder",
    ])
      expect([housekeeping, sent.includes(housekeeping)]).toEqual([housekeeping, false]);
    for (const meant of ["You are an agent.", "Be brief.", "Notes.", "a.txt", "The working directory is /tmp.", "Read", "ToolSearch"])
      expect([meant, sent.includes(meant)]).toEqual([meant, true]);
  });

  test("two files at once, and on with what they say", async () => {
    const toolCalls = ["/tmp/a.txt", "/tmp/b.txt"].map((file_path) => ({ name: "Read", arguments: { file_path } }));
    fake.play([{ answer: { text: "Reading.", toolCalls, interleaved: true } }, { answer: { text: "Both are empty." } }]);
    const { heard } = await ask(kind, FIRST);
    expect(heard.calls).toMatchObject(toolCalls.map((call) => ({ name: call.name, arguments: call.arguments })));
    const results = heard.content
      .filter((block) => block["type"] === "tool_use")
      .map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: "<empty>" }));
    const second = await ask(kind, [...FIRST, { role: "assistant", content: heard.content as JsonObject[] }, { role: "user", content: results }]);
    expect([second.heard.text, second.warnings]).toEqual(["Both are empty.", null]);
  });

  test("a tool it looked for is there from then on", async () => {
    const found: JsonObject[] = [
      ...FIRST,
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "ToolSearch", input: { file_path: "fetch" } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "tool_reference", tool_name: "WebFetch" }] }] },
    ];
    await ask(kind, found);
    const sent = fake.seen[0]?.text ?? "";
    expect([sent.includes("WebFetch it."), sent.includes("Tool WebFetch is loaded."), sent.includes("DeferredToolPlaceholder")]).toEqual([true, true, false]);
  });

  test("the same request is the same bytes", async () => {
    await ask(kind, FIRST);
    await ask(kind, FIRST);
    expect(fake.seen[0]?.text).toBe(fake.seen[1]?.text as string);
  });

  test("its other way when streams fail: the same, whole", async () => {
    fake.play({ answer: { text: "Whole." } });
    const response = await box.post("/v1/messages?beta=true", body(kind, FIRST, { stream: false }), { headers: HEADERS });
    const heard = hearMessage(await response.text());
    expect([heard.problems, heard.text]).toEqual([[], "Whole."]);
  });

  test("how much it would be is estimated", async () => {
    const { max_tokens: _bound, stream: _stream, ...counted } = body(kind, FIRST);
    const response = await box.post("/v1/messages/count_tokens?beta=true", counted, { headers: HEADERS });
    const { input_tokens } = (await response.json()) as { input_tokens: number };
    expect([response.status, Number.isInteger(input_tokens), input_tokens > 50]).toEqual([200, true, true]);
    expect(response.headers.get("x-signalbox-warnings")).toContain("estimate");
    expect([fake.seen, (await box.record(box.records.length - 1)).operation]).toEqual([[], "count-tokens"]);
  });
});

test("OpenAI is told the session, to find its cache by, and the user by a mark", async () => {
  await ask("openai", FIRST);
  await ask("vllm", FIRST);
  const [openai, vllm] = fake.seen.map((each) => objectOf(each.json));
  expect(openai).toMatchObject({
    prompt_cache_key: SESSION,
    user: expect.stringMatching(/^user_[0-9a-f]{28}$/),
    reasoning_effort: "high",
    max_completion_tokens: 32_000,
  });
  expect(vllm?.["prompt_cache_key"]).toBeUndefined();
  expect(listOf(openai?.["messages"]).map((message) => objectOf(message)["role"])).toEqual(["system", "user", "system"]);
  // Most chat templates let the system speak at the start only.
  expect(listOf(vllm?.["messages"]).map((message) => objectOf(message)["role"])).toEqual(["system", "user"]);
});

describe("a server that speaks Messages but does not count", () => {
  const count = async (behaviour: Parameters<FakeUpstream["play"]>[0]) => {
    const own = startBox({ models: { m: [{ kind: "anthropic", url: fake.url }] } });
    fake.play(behaviour);
    const response = await own.post("/v1/messages/count_tokens", { model: "m", messages: [{ role: "user", content: "hello there" }] });
    await own.stop();
    return [response.status, objectOf(await response.json())] as const;
  };
  test.each([404, 405, 501])("%d: we do", async (status) => {
    expect(await count(failing(status))).toEqual([200, { input_tokens: 7 }]);
  });
  test("a failure is one", async () => {
    expect((await count(failing(529)))[0]).toBe(529);
    expect((await count(HTML_502))[0]).toBe(502);
    expect((await count(failing(400)))[0]).toBe(400);
  });
});
