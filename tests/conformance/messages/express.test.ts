import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** Anthropic's clients before Anthropic itself: both ways the bytes are whose they were, but for the model's name, and no credential crosses. */
let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: {
      claude: [{ kind: "anthropic", url: fake.url }],
      alias: [{ kind: "anthropic", url: fake.url, model: "claude-opus-4-7", profile: { drop: ["top_k"] } }],
    },
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

/** As large, and as full of things nobody else knows, as what Claude Code says to begin with. */
const TOOL = { name: "Edit", description: "Edits. ".repeat(400), input_schema: { type: "object", properties: {} }, eager_input_streaming: true };
const LARGE = JSON.stringify({
  model: "claude",
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "<system-reminder>…</system-reminder>" },
        { type: "text", text: "hi", cache_control: { type: "ephemeral" } },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "", signature: "EqQBCg==" },
        { type: "tool_use", id: "toolu_1", name: "ToolSearch", input: { q: "x" } },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "tool_reference", tool_name: "Edit" }] }] },
    { role: "system", content: [{ type: "text", text: "Today is another day." }] },
  ],
  system: [
    { type: "text", text: "x-anthropic-billing-header: cc_version=2.1.329; cch=0f3;" },
    { type: "text", text: "You are helpful. ".repeat(500), cache_control: { type: "ephemeral", ttl: "1h" } },
  ],
  tools: [
    ...Array.from({ length: 24 }, () => TOOL),
    { ...TOOL, name: "Later", defer_loading: true },
    { type: "web_search_20260318", name: "web_search", allowed_callers: ["direct"] },
  ],
  metadata: { user_id: '{"device_id":"d","account_uuid":"","session_id":"s"}' },
  max_tokens: 32_000,
  thinking: { type: "adaptive", display: "omitted" },
  context_management: { edits: [{ type: "clear_thinking_20251015", keep: "all" }] },
  output_config: { effort: "high" },
  stream: true,
});

describe("a request reaches the upstream", () => {
  const sent = async (body: string, path = "/v1/messages") => {
    const response = await box.post(path, body);
    expect([response.status, response.headers.get("x-signalbox-warnings"), (await response.text()).includes('"error"')]).toEqual([200, null, false]);
    return (await fake.request(fake.seen.length - 1)).text;
  };
  const untouched: [string, string][] = [
    ["all that Claude Code says", LARGE],
    [
      "numbers as they were written",
      '{"model":"claude","max_tokens":50,"temperature":1.0,"x":12345678901234567890,"messages":[{"role":"user","content":"hi"}]}',
    ],
    ["escapes and blanks as they were written", '\n{ "model":"claude" ,\t"max_tokens":5,"messages":[{"role":"user","content":"\\u0041\\/ é 世界"}] }\r\n'],
    ["blocks and fields nobody knows", '{"model":"claude","max_tokens":5,"new":{"a":[1.0]},"messages":[{"role":"user","content":[{"type":"hologram"}]}]}'],
  ];
  test.each(untouched)("untouched: %s", async (_name, body) => {
    expect(await sent(body)).toBe(body);
  });

  test("with its own model's name and not another byte", async () => {
    expect(LARGE.length).toBeGreaterThan(70_000);
    const aliased = LARGE.replace('"model":"claude"', '"model":"alias","top_k":5');
    expect(await sent(aliased)).toBe(aliased.replace('"model":"alias"', '"model":"claude-opus-4-7"'));
  });

  test("without thinking that it would refuse to see", async () => {
    const body = (content: string) =>
      `{"model":"claude","max_tokens":5,"messages":[{"role":"assistant","content":[${content}]},{"role":"user","content":"so?"}]}`;
    const text = '{"type":"text","text":"a","x":1.0}';
    expect(await sent(body(`{"type":"thinking","thinking":"b","signature":""},${text}`))).toBe(body(text));
  });

  test("a count too", async () => {
    const body = '{"model":"alias","messages":[{"role":"user","content":"hi"}],"thinking":{"type":"adaptive"},"x":1.0}';
    fake.play({ reply: { headers: { "content-type": "application/json" }, body: '{ "input_tokens":17 , "new":1.0}' } });
    const recorded = box.record(box.records.length);
    const response = await box.post("/v1/messages/count_tokens", body);
    expect([response.status, await response.text()]).toEqual([200, '{ "input_tokens":17 , "new":1.0}']);
    expect(fake.seen[0]).toMatchObject({ path: "/v1/messages/count_tokens", text: body.replace('"alias"', '"claude-opus-4-7"') });
    const { outcome, trace } = await recorded;
    expect([outcome, trace.candidates.map(({ deployment }) => deployment)]).toEqual(["ok", ["anthropic/claude-opus-4-7"]]);
  });
});

describe("headers", () => {
  const asked = async (headers: Record<string, string>, path = "/v1/messages") => {
    const response = await box.post(path, '{"model":"claude","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}', { headers });
    await response.text();
    return { response, seen: (await fake.request(0)).headers };
  };

  test.each(["/v1/messages", "/v1/messages/count_tokens"])("of Anthropic's own the client's cross, at %s", async (path) => {
    const { seen } = await asked(
      { "anthropic-version": "2023-06-01", "anthropic-beta": "claude-code-20250219,context-management-2025-06-27", "anthropic-new": "1" },
      path,
    );
    expect([seen["anthropic-version"], seen["anthropic-beta"], seen["anthropic-new"]]).toEqual([
      "2023-06-01",
      "claude-code-20250219,context-management-2025-06-27",
      "1",
    ]);
  });

  test.each<[string, Record<string, string>]>([
    ["a key", { "x-api-key": "sb-test" }],
    ["a token", { authorization: "Bearer sb-test" }],
  ])("%s, a cookie or who the client is never cross", async (_name, credentials) => {
    const { seen } = await asked({
      ...credentials,
      cookie: "a=b",
      "x-forwarded-for": "10.0.0.1",
      "x-claude-code-session-id": "s",
      "user-agent": "claude-cli/2.1.329",
    });
    expect(seen["x-api-key"]).toBe("upstream-key");
    expect([seen["authorization"], seen["cookie"], seen["x-forwarded-for"], seen["x-claude-code-session-id"]]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(JSON.stringify(seen)).not.toContain("sb-test");
    expect(seen["anthropic-version"]).toBe("2023-06-01");
  });

  test("of the upstream's its own cross, but not whose account it is, nor what is left of its limits", async () => {
    fake.play({
      answer: { text: "a" },
      headers: {
        "anthropic-future": "7",
        "anthropic-ratelimit-requests-remaining": "7",
        "anthropic-organization-id": "org",
        "request-id": "req_theirs",
        "set-cookie": "a=b",
      },
    });
    const { response } = await asked({});
    expect(response.headers.get("anthropic-future")).toBe("7");
    for (const name of ["anthropic-organization-id", "anthropic-ratelimit-requests-remaining", "set-cookie"]) expect(response.headers.get(name)).toBeNull();
    expect(response.headers.get("request-id")).toBe(response.headers.get("x-request-id"));
  });

  test("nothing of Anthropic's reaches anybody else", async () => {
    const other = startBox({ models: { claude: [{ kind: "openai", url: fake.url }] } });
    const headers = { "anthropic-beta": "claude-code-20250219", "x-api-key": "sb-test" };
    await (await other.post("/v1/messages", '{"model":"claude","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}', { headers })).text();
    await other.stop();
    const seen = fake.seen[0]?.headers ?? {};
    expect([seen["anthropic-beta"], seen["x-api-key"], seen["authorization"]]).toEqual([undefined, undefined, "Bearer upstream-key"]);
  });
});

describe("an answer reaches the client", () => {
  const body = '{"model":"claude","max_tokens":5,"stream":true,"messages":[{"role":"user","content":"hi"}]}';
  const frame = (type: string, more = "") => `event: ${type}\ndata: {"type":"${type}"${more}}`;
  const FRAMES = [
    frame(
      "message_start",
      ',"message":{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[],"usage":{"input_tokens":3,"output_tokens":1.0}}',
    ),
    frame("content_block_start", ',"index":0,"content_block":{"type":"text","text":"","citations":null}'),
    frame("ping"),
    frame("content_block_delta", ',"index":0,"delta":{"type":"text_delta","text":"Gr\\u00fc\\u00dfe é 👋"},"new_field":1.0'),
    frame("content_block_stop", ',"index":0'),
    frame("new_event", ',"x":12345678901234567890'),
    frame("message_delta", ',"delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}'),
    frame("message_stop"),
  ];
  const cuts: Behaviour["chunks"][] = [1, 7, 64, "frame", "whole"];
  for (const chunks of cuts) {
    for (const [name, end] of [
      ["LF", "\n\n"],
      ["CRLF", "\r\n\r\n"],
    ] as const) {
      test(`byte by byte in a stream cut into ${chunks}, lines ending in ${name}`, async () => {
        fake.play({ reply: { headers: { "content-type": "text/event-stream" }, frames: FRAMES.map((each) => each + end) }, chunks });
        const response = await box.post("/v1/messages", body);
        expect([response.status, await response.text()]).toEqual([200, FRAMES.map((each) => each + end).join("")]);
        expect((await box.record(box.records.length - 1)).usage).toMatchObject({ input: 3, output: 2, evidence: "reported" });
      });
    }
  }

  test("byte by byte when it is whole", async () => {
    const message =
      '{ "id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"text","text":"h\\u00e9 1.0","citations":null}],"stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2,"x":1.0} }\n';
    fake.play({ reply: { headers: { "content-type": "application/json" }, body: message } });
    const response = await box.post("/v1/messages", body.replace(',"stream":true', ""));
    expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([200, "application/json", message]);
  });

  test("a refusal byte by byte, whatever Anthropic's recovery looks for in it", async () => {
    const refusal =
      '{ "type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum","x":1.0},"request_id":"req_theirs"}';
    for (const [stream, status] of [
      [true, 400],
      [false, 413],
    ] as const) {
      fake.play({ reply: { status, headers: { "content-type": "application/json" }, body: refusal } });
      const response = await box.post("/v1/messages", stream ? body : body.replace(',"stream":true', ""));
      expect([response.status, response.headers.get("x-should-retry"), await response.text()]).toEqual([status, "false", refusal]);
    }
  });
});

test("where citations are removed, a request is written anew and keeps what is Anthropic's own", async () => {
  const plain = startBox({ models: { claude: [{ kind: "anthropic", url: fake.url, model: "claude-opus-4-7" }] }, policy: { removeSources: true } });
  const response = await plain.post("/v1/messages", {
    model: "claude",
    max_tokens: 5,
    context_management: { edits: [] },
    thinking: { type: "adaptive", display: "omitted" },
    messages: [{ role: "user", content: "think" }],
  });
  expect([response.status, ((await response.json()) as { content: unknown[] }).content[0]]).toEqual([
    200,
    { type: "thinking", thinking: "", signature: "c2lnbmF0dXJl" },
  ]);
  await plain.stop();
  expect(fake.seen[0]?.json).toMatchObject({ context_management: { edits: [] }, thinking: { type: "adaptive", display: "omitted" } });
});
