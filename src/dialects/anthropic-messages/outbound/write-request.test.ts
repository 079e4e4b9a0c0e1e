import { describe, expect, test } from "bun:test";
import type { ChatRequest, Message, ToolCallPart } from "../../../vocabulary/chat.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../../vocabulary/profile.ts";
import { anthropicMessagesOutbound } from "../outbound.ts";

const text = (words: string) => ({ type: "text", text: words }) as const;
const user = (words: string): Message => ({ role: "user", parts: [text(words)] });
const assistant = (words: string): Message => ({ role: "assistant", parts: [text(words)] });
const system = (words: string): Message => ({ role: "system", parts: [text(words)] });
const call = (id: string, more: Partial<ToolCallPart> = {}): ToolCallPart => ({ type: "tool-call", id, name: "add", arguments: '{"a":1}', ...more });
const result = (callId: string, words: string): Message => ({ role: "tool", callId, parts: [text(words)] });

const PLAIN: ChatRequest = { model: "public", messages: [user("hi")], tools: [], stop: [], choices: 1, stream: false, extras: {} };
const TOOLS: ChatRequest["tools"] = [
  { name: "add", description: "adds", parameters: { type: "object", properties: { a: { type: "number" } } } },
  { name: "now" },
];
const WRITTEN_TOOLS = [
  { name: "add", description: "adds", input_schema: { type: "object", properties: { a: { type: "number" } } } },
  { name: "now", input_schema: { type: "object", properties: {} } },
];
const USED = [{ name: "add", input_schema: { type: "object", properties: {} } }];

const CLAUDE: Partial<Profile> = { maxTemperature: 1, thinking: "budget", toolResultImages: true };
const ADAPTIVE: Partial<Profile> = { thinking: "adaptive", sampling: "fixed", prefill: false };

function write(request: Partial<ChatRequest>, profile: Partial<Profile> = {}) {
  return anthropicMessagesOutbound.write({ ...PLAIN, ...request }, { model: "claude", profile: mergeProfiles(CLAUDE, profile) });
}
function written(request: Partial<ChatRequest>, profile: Partial<Profile> = {}): { body: JsonObject; warnings: readonly string[] } {
  const outgoing = write(request, profile);
  return { body: JSON.parse(outgoing.body) as JsonObject, warnings: outgoing.warnings };
}
function refusal(request: Partial<ChatRequest>, profile: Partial<Profile> = {}): string | undefined {
  try {
    write(request, profile);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "invalid-request") return thrown.facts.param;
    throw thrown;
  }
  return "nothing was refused";
}

const BASE = { model: "claude", max_tokens: 4096, messages: [{ role: "user", content: "hi" }] };

describe("fields", () => {
  /** What is asked, the profile, what the body has more than `BASE`, and how each warning begins. */
  const rows: [string, Partial<ChatRequest>, Partial<Profile>, JsonObject, string[]][] = [
    ["top_k without a limit", { topK: -1 }, {}, {}, []],
    ["nothing more than asked", {}, {}, {}, []],
    ["a stream", { stream: true }, {}, { stream: true }, []],
    ["the client's bound", { maxTokens: 50 }, { maxOutput: 100 }, { max_tokens: 50 }, []],
    ["a bound over the model's", { maxTokens: 500 }, { maxOutput: 100 }, { max_tokens: 100 }, ["max_tokens was lowered from 500 to 100"]],
    ["the profile's bound", {}, { defaultMaxTokens: 8192 }, { max_tokens: 8192 }, []],
    ["the profile's bound over the model's", {}, { maxOutput: 100 }, { max_tokens: 100 }, []],
    ["temperature and top_k", { temperature: 0.3, topK: 5 }, {}, { temperature: 0.3, top_k: 5 }, []],
    ["top_p", { topP: 0.9 }, {}, { top_p: 0.9 }, []],
    ["a hot temperature", { temperature: 1.7 }, {}, { temperature: 1 }, ["temperature was lowered from 1.7 to 1"]],
    ["temperature beside top_p", { temperature: 0.5, topP: 0.9 }, {}, { temperature: 0.5 }, ["top_p was dropped"]],
    ["temperature beside a top_p that changes nothing", { temperature: 0.5, topP: 1 }, {}, { temperature: 0.5 }, []],
    ["a fixed sampler", { temperature: 0.5, topP: 0.9, topK: 3 }, { sampling: "fixed" }, {}, ["temperature was", "top_p was", "top_k was"]],
    ["a fixed sampler left as it is", { temperature: 1, topP: 1 }, { sampling: "fixed" }, {}, []],
    ["stops", { stop: ["10", "ten"] }, {}, { stop_sequences: ["10", "ten"] }, []],
    ["stops of white space", { stop: ["\n\n", "END", ""] }, {}, { stop_sequences: ["END"] }, ["stop sequences of white space"]],
    ["nothing but white space", { stop: [" "] }, {}, {}, ["stop sequences of white space"]],
    ["too many stops", { stop: ["a", "b", "c"] }, { maxStops: 2 }, { stop_sequences: ["a", "b"] }, ["stop sequences beyond the first 2"]],
    ["the end user", { user: "u-1" }, {}, { metadata: { user_id: "u-1" } }, []],
    ["an end user too long to name", { user: "u".repeat(513) }, {}, {}, ["user was dropped"]],
    ["service tier auto", { serviceTier: "auto" }, {}, { service_tier: "auto" }, []],
    ["service tier priority", { serviceTier: "priority" }, {}, { service_tier: "auto" }, []],
    ["service tier default", { serviceTier: "default" }, {}, { service_tier: "standard_only" }, []],
    ["service tier flex", { serviceTier: "flex" }, {}, {}, ["service_tier flex was dropped"]],
    ["log probabilities", { logprobs: { top: 2 } }, {}, {}, ["logprobs was dropped"]],
    [
      "knobs Claude does not have",
      { seed: 1, minP: 0.1, presencePenalty: 1, frequencyPenalty: 1, logitBias: { 5: 1 }, verbosity: "low", cacheKey: "k", extras: { store: true } },
      {},
      {},
      ["min_p, seed, presence_penalty, frequency_penalty, logit_bias, verbosity, store were dropped"],
    ],
    [
      "knobs left where they stand by default",
      { presencePenalty: 0, frequencyPenalty: 0, logitBias: {}, metadata: {}, modalities: ["text"], extras: { store: false, prediction: null } },
      {},
      {},
      [],
    ],
    ["text format", { format: { type: "text" } }, {}, {}, []],
    ["a field the profile drops", { user: "u" }, { drop: ["metadata"] }, {}, ["metadata was dropped"]],
    ["a field the profile renames", { maxTokens: 7 }, { rename: { max_tokens: "limit" } }, { max_tokens: undefined, limit: 7 }, []],
  ];
  test.each(rows)("%s", (_, request, profile, more, warnings) => {
    const { body, warnings: said } = written(request, profile);
    expect(body).toEqual(JSON.parse(JSON.stringify({ ...BASE, ...more })));
    expect(said).toHaveLength(warnings.length);
    for (const [index, begin] of warnings.entries()) expect(said[index]).toStartWith(begin);
  });

  test("equal requests are equal bytes, in a fixed order", () => {
    const request = { messages: [system("s"), user("u")], tools: TOOLS, temperature: 0.5, stop: ["x"], user: "u", stream: true } satisfies Partial<ChatRequest>;
    const { body } = write(request);
    const turned = Object.fromEntries(Object.entries(request).toReversed());
    expect(write(turned).body).toBe(body);
    expect(Object.keys(JSON.parse(body) as object)).toEqual([
      "model",
      "max_tokens",
      "system",
      "messages",
      "tools",
      "temperature",
      "stop_sequences",
      "metadata",
      "stream",
    ]);
  });
});

test("what a client of this very dialect says beyond our words is kept", () => {
  const extras = { context_management: { edits: [] }, speed: "fast", model: "other" };
  const { body, warnings } = written({ origin: "anthropic-messages", extras });
  expect(body).toEqual({ ...BASE, context_management: { edits: [] }, speed: "fast" });
  expect(warnings).toEqual([]);
  expect(written({ origin: "openai-chat", extras: { speed: "fast" } }).body).toEqual(BASE);
});

describe("JSON answers", () => {
  const schema = { type: "object", properties: { a: { type: "integer", minimum: 1 } }, required: ["a"] } as const;
  test("a schema is enforced", () => {
    expect(written({ format: { type: "json-schema", name: "x", schema: { ...schema, required: ["a"] }, description: "an a" } }).body["output_config"]).toEqual({
      format: {
        type: "json_schema",
        schema: {
          type: "object",
          properties: { a: { type: "integer", description: "(minimum: 1)" } },
          required: ["a"],
          additionalProperties: false,
          description: "an a",
        },
      },
    });
  });
  test("any JSON is asked for in words, after the client's own system text", () => {
    const { body } = written({ messages: [system("Be brief."), user("hi")], format: { type: "json" } });
    expect(body["system"]).toEqual([text("Be brief."), text("Answer with one valid JSON object and nothing else: no explanation, no code fence.")]);
    expect(written({ format: { type: "json-schema", name: "x", schema: {} } }).body["system"]).toStartWith("Answer with one valid JSON object");
  });
  test("an upstream that enforces no schema is asked in words", () => {
    const { body, warnings } = written({ format: { type: "json-schema", name: "x", schema: { type: "object" } } }, { drop: ["output_config"] });
    expect(body["system"]).toEndWith('It must match this JSON Schema: {"type":"object"}');
    expect(body["output_config"]).toBeUndefined();
    expect(warnings).toHaveLength(1);
  });
});

describe("thinking", () => {
  const round: Message[] = [user("1+1?"), { role: "assistant", parts: [call("c1")] }, result("c1", "2")];
  const signed: Message[] = [
    user("1+1?"),
    { role: "assistant", parts: [{ type: "thinking", text: "sum", signature: "sig" }, call("c1")] },
    result("c1", "1"),
    { role: "assistant", parts: [call("c2")] },
    result("c2", "2"),
  ];
  const off = { thinking: { type: "disabled" } };
  /** What is asked, the profile, the body's `thinking` and `output_config`, and the warnings. */
  const rows: [string, Partial<ChatRequest>, Partial<Profile>, JsonObject, string[]][] = [
    ["not asked for", {}, {}, {}, []],
    ["minimal is the least budget", { reasoning: { effort: "minimal" } }, {}, { thinking: { type: "enabled", budget_tokens: 1024 } }, []],
    ["low of the default bound", { reasoning: { effort: "low" } }, {}, { thinking: { type: "enabled", budget_tokens: 1024 } }, []],
    ["high of the client's bound", { reasoning: { effort: "high" }, maxTokens: 10_000 }, {}, { thinking: { type: "enabled", budget_tokens: 8000 } }, []],
    ["an explicit budget", { reasoning: { budget: 2000 }, maxTokens: 4000 }, {}, { thinking: { type: "enabled", budget_tokens: 2000 } }, []],
    ["the model's own budget", { reasoning: { budget: -1 } }, {}, { thinking: { type: "enabled", budget_tokens: 2048 } }, []],
    [
      "a budget over the bound",
      { reasoning: { budget: 9000 }, maxTokens: 4000 },
      {},
      { thinking: { type: "enabled", budget_tokens: 3800 } },
      ["the reasoning budget"],
    ],
    [
      "a budget under the least",
      { reasoning: { budget: 10 }, maxTokens: 4000 },
      {},
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      ["the reasoning budget"],
    ],
    ["no room to think", { reasoning: { effort: "low" }, maxTokens: 1024 }, {}, {}, ["reasoning was turned off for this turn: 1024 tokens"]],
    ["little room to think", { reasoning: { effort: "max" }, maxTokens: 1025 }, {}, { thinking: { type: "enabled", budget_tokens: 1024 } }, []],
    ["hidden", { reasoning: { effort: "low", show: false } }, {}, { thinking: { type: "enabled", budget_tokens: 1024, display: "omitted" } }, []],
    ["off", { reasoning: { effort: "none" } }, {}, off, []],
    ["a budget of nothing", { reasoning: { budget: 0 } }, {}, off, []],
    ["adaptive", { reasoning: { effort: "medium" } }, ADAPTIVE, { thinking: { type: "adaptive" }, output_config: { effort: "medium" } }, []],
    [
      "adaptive, shown",
      { reasoning: { effort: "max", show: true } },
      ADAPTIVE,
      { thinking: { type: "adaptive", display: "summarized" }, output_config: { effort: "max" } },
      [],
    ],
    [
      "adaptive knows no minimal",
      { reasoning: { effort: "minimal" } },
      ADAPTIVE,
      { thinking: { type: "adaptive" }, output_config: { effort: "low" } },
      ["reasoning_effort minimal became low, the nearest this model has."],
    ],
    [
      "adaptive without xhigh",
      { reasoning: { effort: "xhigh" } },
      { ...ADAPTIVE, efforts: ["low", "medium", "high", "max"] },
      { thinking: { type: "adaptive" }, output_config: { effort: "max" } },
      ["reasoning_effort xhigh became max, the nearest this model has."],
    ],
    ["adaptive from a budget", { reasoning: { budget: 10_000 } }, ADAPTIVE, { thinking: { type: "adaptive" }, output_config: { effort: "medium" } }, []],
    ["adaptive by itself", { reasoning: { budget: -1 } }, ADAPTIVE, { thinking: { type: "adaptive" } }, []],
    ["adaptive off", { reasoning: { effort: "none" } }, ADAPTIVE, off, []],
    [
      "adaptive that is always on",
      { reasoning: { effort: "none" } },
      { ...ADAPTIVE, thinkingOff: false },
      { output_config: { effort: "low" } },
      ["reasoning cannot be turned off"],
    ],
    ["effort alone", { reasoning: { effort: "high" } }, { thinking: "effort" }, { output_config: { effort: "high" } }, []],
    ["a model that does not think", { reasoning: { effort: "high" } }, { thinking: "none" }, {}, ["reasoning was dropped"]],
    ["a model that does not think, told not to", { reasoning: { effort: "none" } }, { thinking: "none" }, {}, []],
    [
      "a forced call",
      { reasoning: { effort: "low" }, tools: TOOLS, toolChoice: { type: "required" } },
      {},
      {},
      ["reasoning was turned off for this turn: tool_choice"],
    ],
    [
      "a forced call, adaptive",
      { reasoning: { effort: "max" }, tools: TOOLS, toolChoice: { type: "tool", name: "add" } },
      ADAPTIVE,
      { ...off, output_config: { effort: "high" } },
      ["reasoning was turned off for this turn: tool_choice"],
    ],
    [
      "calls without their thinking",
      { reasoning: { effort: "low" }, messages: round, tools: TOOLS },
      {},
      {},
      ["reasoning was turned off for this turn: the signed"],
    ],
    [
      "calls without their thinking, adaptive",
      { reasoning: { effort: "low" }, messages: round, tools: TOOLS },
      ADAPTIVE,
      { thinking: { type: "adaptive" }, output_config: { effort: "low" } },
      [],
    ],
    [
      "calls without their thinking, long ago",
      { reasoning: { effort: "low" }, messages: [...round, assistant("2"), user("thanks")], tools: TOOLS },
      {},
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      [],
    ],
    [
      "a round of calls that began with signed thinking",
      { reasoning: { effort: "low" }, messages: signed, tools: TOOLS },
      {},
      { thinking: { type: "enabled", budget_tokens: 1024 } },
      [],
    ],
    [
      "an answer to be continued",
      { reasoning: { effort: "low" }, messages: [user("a"), assistant("b")] },
      {},
      {},
      ["reasoning was turned off for this turn: the last message"],
    ],
  ];
  test.each(rows)("%s", (_, request, profile, fields, warnings) => {
    const { body, warnings: said } = written(request, profile);
    expect({ thinking: body["thinking"], output_config: body["output_config"] }).toEqual({
      thinking: fields["thinking"],
      output_config: fields["output_config"],
    });
    expect(said).toHaveLength(warnings.length);
    for (const [index, begin] of warnings.entries()) expect(said[index]).toStartWith(begin);
  });

  test("leaves sampling alone", () => {
    const { body, warnings } = written({ reasoning: { effort: "low" }, temperature: 0.2, topP: 0.5, topK: 3 });
    expect(body).toEqual({ ...BASE, thinking: { type: "enabled", budget_tokens: 1024 } });
    expect(warnings).toHaveLength(3);
    expect(written({ reasoning: { effort: "low" }, temperature: 1, topP: 0.97 }).body["top_p"]).toBe(0.97);
  });

  test("a budget without a bound comes on top of the default one", () => {
    expect(written({ reasoning: { budget: 6000 } }).body).toMatchObject({ max_tokens: 10_096, thinking: { budget_tokens: 6000 } });
  });
});

describe("turns", () => {
  const image = { type: "image", media: { kind: "bytes", mime: "image/png", base64: "AAAA" } } as const;
  const block = { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } };
  const orphan = { type: "tool_result", tool_use_id: "c1", content: "The tool call was interrupted: no result was given.", is_error: true };
  const use = (id: string, input: JsonObject = { a: 1 }) => ({ type: "tool_use", id, name: "add", input });
  const answered = (id: string, content: string) => ({ type: "tool_result", tool_use_id: id, content });
  const rows: [string, Message[], Partial<Profile>, JsonObject][] = [
    ["leading system text goes up", [system("be brief"), user("hi")], {}, { system: "be brief", messages: [{ role: "user", content: "hi" }] }],
    [
      "several system texts",
      [system("one"), { role: "system", developer: true, parts: [text("two")] }, user("hi")],
      {},
      { system: [text("one"), text("two")], messages: [{ role: "user", content: "hi" }] },
    ],
    ["nothing but system text", [system("say hi")], {}, { messages: [{ role: "user", content: "say hi" }] }],
    [
      "a later system text is the user's",
      [user("a"), assistant("b"), system("now in French"), user("c")],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "b" },
          { role: "user", content: [text("<system>\nnow in French\n</system>"), text("c")] },
        ],
      },
    ],
    [
      "a later system text in its own place",
      [user("a"), system("now in French")],
      { midSystem: true },
      {
        messages: [
          { role: "user", content: "a" },
          { role: "system", content: "now in French" },
        ],
      },
    ],
    [
      "a later system text where it may not stand",
      [user("a"), assistant("b"), system("now in French"), user("c")],
      { midSystem: true },
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "b" },
          { role: "user", content: [text("<system>\nnow in French\n</system>"), text("c")] },
        ],
      },
    ],
    ["neighbours of one role are one turn", [user("a"), user("b")], {}, { messages: [{ role: "user", content: [text("a"), text("b")] }] }],
    [
      "empty text is left out",
      [user("a"), { role: "assistant", parts: [text(" \n"), call("c1")] }, result("c1", "")],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: [use("c1")] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "c1" }] },
        ],
        tools: USED,
        tool_choice: { type: "none" },
      },
    ],
    [
      "results come first and together",
      [user("a"), { role: "assistant", parts: [call("c1"), call("c2")] }, result("c2", "2"), result("c1", "1"), user("and?")],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: [use("c1"), use("c2")] },
          { role: "user", content: [answered("c2", "2"), answered("c1", "1"), text("and?")] },
        ],
        tools: USED,
        tool_choice: { type: "none" },
      },
    ],
    [
      "a call without a result gets a failed one",
      [user("a"), { role: "assistant", parts: [call("c1")] }, user("never mind")],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: [use("c1")] },
          { role: "user", content: [orphan, text("never mind")] },
        ],
        tools: USED,
        tool_choice: { type: "none" },
      },
    ],
    ["a result without a call is text", [user("a"), result("gone", "42")], {}, { messages: [{ role: "user", content: [text("a"), text("42")] }] }],
    [
      "arguments that are not an object",
      [user("a"), { role: "assistant", parts: [call("c1", { arguments: "" }), call("c2", { arguments: "{broken" })] }, result("c1", "1"), result("c2", "2")],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: [use("c1", {}), use("c2", {})] },
          { role: "user", content: [answered("c1", "1"), answered("c2", "2")] },
        ],
        tools: USED,
        tool_choice: { type: "none" },
      },
    ],
    [
      "a failed result with an image",
      [user("a"), { role: "assistant", parts: [call("c1")] }, { role: "tool", callId: "c1", parts: [text("see"), image], failed: true }],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: [use("c1")] },
          { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: [text("see"), block], is_error: true }] },
        ],
        tools: USED,
        tool_choice: { type: "none" },
      },
    ],
    [
      "the assistant's own image, which only a user may show",
      [user("a"), { role: "assistant", parts: [text("here"), image] }, user("bluer")],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "here" },
          { role: "user", content: [text("Images from the answer above:"), block, text("bluer")] },
        ],
      },
    ],
    [
      "an answer of nothing but an image",
      [user("a"), { role: "assistant", parts: [image] }, user("bluer")],
      {},
      { messages: [{ role: "user", content: [text("a"), text("Images from the answer above:"), block, text("bluer")] }] },
    ],
    [
      "an image beside the result where it may not be inside",
      [user("a"), { role: "assistant", parts: [call("c1")] }, { role: "tool", callId: "c1", parts: [text("see"), image] }],
      { toolResultImages: false },
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: [use("c1")] },
          { role: "user", content: [answered("c1", "see"), block] },
        ],
        tools: USED,
        tool_choice: { type: "none" },
      },
    ],
    [
      "thinking goes back only with its signature",
      [
        user("a"),
        {
          role: "assistant",
          parts: [
            { type: "thinking", text: "foreign" },
            { type: "thinking", text: "mine", signature: "sig" },
            { type: "thinking", text: "", redacted: "secret" },
            text("b"),
          ],
        },
        { role: "assistant", parts: [{ type: "thinking", text: "only foreign" }] },
        user("c"),
      ],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          {
            role: "assistant",
            content: [{ type: "thinking", thinking: "mine", signature: "sig" }, { type: "redacted_thinking", data: "secret" }, text("b")],
          },
          { role: "user", content: "c" },
        ],
      },
    ],
    [
      "a refusal is what the assistant said",
      [user("a"), { role: "assistant", parts: [{ type: "refusal", text: "No." }] }, user("why?")],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "No." },
          { role: "user", content: "why?" },
        ],
      },
    ],
    [
      "a conversation that begins with the assistant",
      [assistant("Hello!"), user("hi")],
      {},
      {
        messages: [
          { role: "user", content: "(The conversation begins.)" },
          { role: "assistant", content: "Hello!" },
          { role: "user", content: "hi" },
        ],
      },
    ],
    [
      "an answer to be continued ends in no white space",
      [user("a"), assistant("The answer is ")],
      {},
      {
        messages: [
          { role: "user", content: "a" },
          { role: "assistant", content: "The answer is" },
        ],
      },
    ],
  ];
  test.each(rows)("%s", (_, messages, profile, expected) => {
    const { body, warnings } = written({ messages }, profile);
    expect(body).toEqual({ model: "claude", max_tokens: 4096, ...expected });
    expect(warnings).toEqual([]);
  });

  test("foreign ids are rewritten alike on call and result, and never two to one", () => {
    const ids = ["a:b", "a.b", "a/b", "x".repeat(65), "fine_id-1"];
    const { body } = written({ messages: [user("a"), { role: "assistant", parts: ids.map((id) => call(id)) }, ...ids.map((id) => result(id, id))] });
    const [, calls, results] = body["messages"] as { content: JsonObject[] }[];
    const called = calls?.content.map((block) => block["id"]) ?? [];
    expect(results?.content.map((block) => block["tool_use_id"])).toEqual(called);
    expect(new Set(called).size).toBe(ids.length);
    expect(called.every((id) => /^[a-zA-Z0-9_-]{1,64}$/.test(String(id)))).toBe(true);
    expect(called.at(-1)).toBe("fine_id-1");
  });
});

describe("media", () => {
  const part = (value: object) => [{ role: "user", parts: [text("see"), value] }] as Message[];
  const pdf = { kind: "bytes", mime: "application/pdf", base64: "JVBERi0=" };
  const rows: [string, object, JsonObject][] = [
    ["an image by URL", { type: "image", media: { kind: "url", url: "https://x/y.png" } }, { type: "image", source: { type: "url", url: "https://x/y.png" } }],
    [
      "a PDF",
      { type: "file", media: pdf, filename: "a.pdf" },
      { type: "document", source: { type: "base64", media_type: "application/pdf", data: "JVBERi0=" }, title: "a.pdf" },
    ],
    ["a PDF by URL", { type: "file", media: { kind: "url", url: "https://x/y.pdf" } }, { type: "document", source: { type: "url", url: "https://x/y.pdf" } }],
    [
      "a text file",
      { type: "file", media: { kind: "bytes", mime: "text/csv", base64: "w6k7Mg==" } },
      { type: "document", source: { type: "text", media_type: "text/plain", data: "é;2" } },
    ],
    [
      "an image as a file",
      { type: "file", media: { kind: "bytes", mime: "image/png", base64: "AAAA" }, filename: "a.png" },
      { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
    ],
  ];
  test.each(rows)("%s", (_, value, block) => {
    expect(written({ messages: part(value) }).body["messages"]).toEqual([{ role: "user", content: [text("see"), block] }]);
  });

  test("a file stored at Anthropic needs its beta", () => {
    const outgoing = write({ messages: part({ type: "file", media: { kind: "stored", id: "file_011abc" } }) });
    expect(outgoing.headers).toEqual({ "anthropic-beta": "files-api-2025-04-14" });
    expect(outgoing.body).toContain('{"type":"document","source":{"type":"file","file_id":"file_011abc"}}');
  });

  const refused: [string, object, Partial<Profile>][] = [
    ["audio", { type: "audio", media: { kind: "bytes", mime: "audio/wav", base64: "AA" } }, {}],
    ["video", { type: "video", media: { kind: "url", url: "https://x" } }, {}],
    ["an image type nobody sees", { type: "image", media: { kind: "bytes", mime: "image/tiff", base64: "AA" } }, {}],
    ["a file type nobody reads", { type: "file", media: { kind: "bytes", mime: "application/zip", base64: "AA" } }, {}],
    ["text that is not base64", { type: "file", media: { kind: "bytes", mime: "text/plain", base64: "%%%" } }, {}],
    ["a URL nobody fetches", { type: "image", media: { kind: "url", url: "https://x" } }, { imageUrls: false }],
    ["a file stored elsewhere", { type: "file", media: { kind: "stored", id: "file-abc" } }, {}],
  ];
  test.each(refused)("%s is refused where it stands", (_, value, profile) => {
    expect(refusal({ messages: part(value) }, profile)).toBe("messages[0].content[1]");
  });
});

describe("tools", () => {
  const rows: [string, Partial<ChatRequest>, JsonObject | undefined, string[]][] = [
    ["left to the model", {}, undefined, ["add", "now"]],
    ["none", { toolChoice: { type: "none" }, parallelTools: false }, { type: "none" }, ["add", "now"]],
    ["auto", { toolChoice: { type: "auto" } }, { type: "auto" }, ["add", "now"]],
    ["required", { toolChoice: { type: "required" } }, { type: "any" }, ["add", "now"]],
    ["one", { toolChoice: { type: "tool", name: "add" } }, { type: "tool", name: "add" }, ["add", "now"]],
    ["some", { toolChoice: { type: "some", mode: "auto", names: ["now"] } }, { type: "auto" }, ["now"]],
    [
      "one of some",
      { toolChoice: { type: "some", mode: "required", names: ["now"] }, parallelTools: false },
      { type: "any", disable_parallel_tool_use: true },
      ["now"],
    ],
    ["one at a time", { parallelTools: false }, { type: "auto", disable_parallel_tool_use: true }, ["add", "now"]],
    ["several at a time is the default", { parallelTools: true }, undefined, ["add", "now"]],
  ];
  test.each(rows)("%s", (_, request, choice, names) => {
    const { body } = written({ tools: TOOLS, ...request });
    expect(body["tool_choice"]).toEqual(choice as JsonObject);
    expect(body["tools"]).toEqual(WRITTEN_TOOLS.filter((tool) => names.includes(tool.name)));
  });

  test("a strict tool's schema is cleaned", () => {
    const parameters = { type: "object", properties: { a: { type: "string", maxLength: 3 } } };
    const strict = { name: "t", strict: true, parameters };
    expect(written({ tools: [strict] }).body["tools"]).toEqual([
      {
        name: "t",
        input_schema: { type: "object", properties: { a: { type: "string", description: "(maxLength: 3)" } }, additionalProperties: false },
        strict: true,
      },
    ]);
    const plain = written({ tools: [strict] }, { drop: ["strict"] });
    expect(plain.body["tools"]).toEqual([{ name: "t", input_schema: parameters }]);
    expect(plain.warnings).toEqual(["strict was dropped from tool t: claude does not accept it."]);
  });
});

describe("cache marks", () => {
  const marked = (words: string, ttl?: "1h") => ({ ...text(words), cache: ttl === undefined ? {} : { ttl } });
  test("are written where they stand", () => {
    const { body } = written({
      tools: [{ name: "now", cache: {} }],
      messages: [
        { role: "system", parts: [marked("s", "1h")] },
        { role: "user", parts: [marked("u")] },
        { role: "assistant", parts: [call("c1")] },
        { role: "tool", callId: "c1", parts: [marked("r")] },
      ],
    });
    expect(body["tools"]).toEqual([{ name: "now", input_schema: { type: "object", properties: {} }, cache_control: { type: "ephemeral" } }]);
    expect(body["system"]).toEqual([{ ...text("s"), cache_control: { type: "ephemeral", ttl: "1h" } }]);
    expect(body["messages"]).toEqual([
      { role: "user", content: [{ ...text("u"), cache_control: { type: "ephemeral" } }] },
      { role: "assistant", content: [{ type: "tool_use", id: "c1", name: "add", input: { a: 1 } }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "c1", content: "r", cache_control: { type: "ephemeral" } }] },
    ]);
  });
  test("beyond four lose those after the first", () => {
    const { body, warnings } = written({
      messages: [
        { role: "system", parts: [marked("s")] },
        { role: "user", parts: ["1", "2", "3", "4", "5"].map((words) => marked(words)) },
      ],
    });
    const [turn] = body["messages"] as { content: JsonObject[] }[];
    expect(turn?.content.filter((block) => block["cache_control"] !== undefined).map((block) => block["text"])).toEqual(["3", "4", "5"]);
    expect(body["system"]).toEqual([{ ...text("s"), cache_control: { type: "ephemeral" } }]);
    expect(warnings).toEqual(["2 cache_control marks were dropped: at most 4 are accepted."]);
  });
});

describe("refused with the path at fault", () => {
  const rows: [string, Partial<ChatRequest>, Partial<Profile>, string][] = [
    ["several answers", { choices: 2 }, {}, "n"],
    ["spoken answers", { modalities: ["text", "audio"] }, {}, "modalities"],
    ["a search of the web", { extras: { web_search_options: {} } }, {}, "web_search_options"],
    ["nothing said", { messages: [user(" ")] }, {}, "messages"],
    ["an answer to be continued by a model that does not", { messages: [user("a"), assistant("b")] }, { prefill: false }, "messages[1]"],
    ["a choice among no tools", { toolChoice: { type: "required" } }, {}, "tool_choice"],
    ["a choice of unknown tools", { tools: TOOLS, toolChoice: { type: "some", mode: "auto", names: ["x"] } }, {}, "tool_choice"],
    ["no tokens at all", { maxTokens: 0 }, {}, "max_tokens"],
    ["a negative temperature", { temperature: -0.1 }, {}, "temperature"],
    ["a nucleus larger than all", { topP: 1.1 }, {}, "top_p"],
    ["a negative nucleus", { topP: -1 }, {}, "top_p"],
    ["a tool's odd name", { tools: [{ name: "files.read" }] }, {}, "tools[0].function.name"],
    ["arguments that are a list", { tools: [{ name: "ok" }, { name: "t", parameters: { type: "array" } }] }, {}, "tools[1].function.parameters"],
  ];
  test.each(rows)("%s", (_, request, profile, param) => {
    expect(refusal(request, profile)).toBe(param);
  });
});
