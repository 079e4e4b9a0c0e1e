import { describe, expect, test } from "bun:test";
import type { ChatRequest, Reasoning, Tool } from "../../vocabulary/chat.ts";
import type { DialectName } from "../../vocabulary/dialect.ts";
import { type JsonObject, listOf, objectOf, parseJson } from "../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../vocabulary/profile.ts";
import { writeChatRequest } from "./write-request.ts";

const PLAIN: ChatRequest = {
  model: "public",
  messages: [{ role: "user", parts: [{ type: "text", text: "Hi" }] }],
  tools: [],
  stop: [],
  choices: 1,
  stream: false,
  extras: {},
};
const written = (request: Partial<ChatRequest>, profile: Partial<Profile> = {}) => {
  const { body, warnings } = writeChatRequest({ ...PLAIN, ...request }, { model: "up", profile: mergeProfiles(profile) });
  return { body: objectOf(parseJson(body)), warnings };
};

test("a plain request is no more than it is", () => {
  expect(written({})).toEqual({ body: { model: "up", messages: [{ role: "user", content: "Hi" }] }, warnings: [] });
});

test("content by address is for upstreams that fetch", () => {
  const url = "https://example.com/cat.png";
  const messages: ChatRequest["messages"] = [
    {
      role: "user",
      parts: [
        { type: "text", text: "What?" },
        { type: "image", media: { kind: "url", url } },
      ],
    },
  ];
  expect(JSON.stringify(written({ messages }).body)).toContain(url);
  expect(() => written({ messages }, { imageUrls: false })).toThrow("messages[0].content[1] names its content by address");
  const inside: ChatRequest["messages"] = [{ role: "user", parts: [{ type: "image", media: { kind: "bytes", mime: "image/png", base64: "AAAA" } }] }];
  expect(JSON.stringify(written({ messages: inside }, { imageUrls: false }).body)).toContain("data:image/png;base64,AAAA");
});

test("who speaks has a voice, named or not", () => {
  const modalities = ["text", "audio"];
  expect(written({ modalities, audio: { format: "pcm16" } }).body["audio"]).toEqual({ voice: "alloy", format: "pcm16" });
  expect(written({ modalities, audio: { voice: "marin", format: "wav" } }).body["audio"]).toEqual({ voice: "marin", format: "wav" });
});

describe("fields without a word of ours", () => {
  const extras = { repetition_penalty: 1.1, off: false, nothing: null };
  test.each(["openai-chat", "openai-completions"] as const)("of %s are for the upstream to judge", (origin) => {
    expect(written({ extras, origin })).toEqual({ body: { ...written({}).body, ...extras }, warnings: [] });
  });
  test.each(["anthropic-messages", "gemini", "ollama", undefined] as const)("of %p stay behind", (origin) => {
    expect(written({ extras, origin })).toEqual({ body: written({}).body, warnings: ["repetition_penalty was dropped: up has nothing like it."] });
  });
  test("never stand in the way of our own", () => {
    expect(written({ extras: { model: "other", messages: [] }, origin: "openai-chat" }).body).toEqual(written({}).body);
  });
});

describe("what other families say, in OpenAI's words", () => {
  const origin = "anthropic-messages" as const;
  const closed = { type: "object", properties: { a: { type: "string" } }, required: ["a"], additionalProperties: false };
  const open = { type: "object", properties: { a: { type: "string" } }, additionalProperties: false };
  const tool = (parameters: JsonObject, more: Partial<Tool> = {}): Tool => ({ name: "f", parameters, ...more });
  const toolIn = (body: JsonObject) => objectOf(objectOf(listOf(body["tools"])[0])["function"]);

  test("strict tools are strict where OpenAI would enforce them", () => {
    expect(toolIn(written({ origin, tools: [tool(closed, { strict: true })] }).body)).toEqual({ name: "f", parameters: closed, strict: true });
    const { body, warnings } = written({ origin, tools: [tool(open, { strict: true })] });
    expect([toolIn(body), warnings]).toEqual([{ name: "f", parameters: open }, [expect.stringContaining("strict was dropped from tool f")]]);
    expect(toolIn(written({ origin: "openai-chat", tools: [tool(open, { strict: true })] }).body)).toEqual({ name: "f", parameters: open, strict: true });
  });

  test("and so are answers", () => {
    const format = (schema: JsonObject): ChatRequest["format"] => ({ type: "json-schema", name: "answer", schema, strict: true });
    expect(written({ origin, format: format(closed) }).body["response_format"]).toEqual({
      type: "json_schema",
      json_schema: { name: "answer", schema: closed, strict: true },
    });
    const { body, warnings } = written({ origin, format: format(open) });
    expect([body["response_format"], warnings]).toEqual([
      { type: "json_schema", json_schema: { name: "answer", schema: open } },
      [expect.stringContaining("The JSON schema is not enforced")],
    ]);
  });

  test("a schema names its properties, though there are none", () => {
    expect(toolIn(written({ origin, tools: [tool({ type: "object" })] }).body)["parameters"]).toEqual({ type: "object", properties: {} });
    expect(toolIn(written({ origin: "openai-chat", tools: [tool({ type: "object" })] }).body)["parameters"]).toEqual({ type: "object" });
  });

  test("a cache's key made from a session is for those that know the field; a client's own is always sent", () => {
    const keyIn = (from: DialectName, profile: Partial<Profile>) => written({ origin: from, cacheKey: "k" }, profile).body["prompt_cache_key"];
    expect([keyIn(origin, {}), keyIn(origin, { cacheKey: true }), keyIn("openai-chat", {})]).toEqual([undefined, "k", "k"]);
  });

  test("the system speaks later only where it may", () => {
    const messages: ChatRequest["messages"] = [...PLAIN.messages, { role: "system", parts: [{ type: "text", text: "s" }] }];
    const rolesIn = (from: DialectName, profile: Partial<Profile>) =>
      listOf(written({ origin: from, messages }, profile).body["messages"]).map((message) => objectOf(message)["role"]);
    expect(rolesIn(origin, {})).toEqual(["user"]);
    expect(rolesIn(origin, { midSystem: true })).toEqual(["user", "system"]);
    expect(rolesIn("openai-chat", {})).toEqual(["user", "system"]);
  });

  test("what a client says with every request is no news", () => {
    const extras = { context_management: {}, cache_control: {}, speed: "fast" };
    expect(written({ origin, extras }).warnings).toEqual(["speed was dropped: up has nothing like it."]);
  });
});

test("a bound above the most the model generates", () => {
  const { body, warnings } = written({ maxTokens: 9000 }, { maxOutput: 4096 });
  expect([body["max_tokens"], warnings]).toEqual([4096, ["max_tokens was lowered from 9000 to 4096, the most up generates."]]);
});

describe("how hard to think", () => {
  const NO_NONE: Partial<Profile> = { thinkingOff: false };
  const rows: [Reasoning | undefined, Partial<Profile>, string | undefined, string[]][] = [
    [undefined, {}, undefined, []],
    [{ effort: "high" }, {}, "high", []],
    [{ effort: "xhigh" }, {}, "xhigh", []],
    [{ effort: "xhigh" }, { efforts: ["low", "medium", "high"] }, "high", ["reasoning_effort xhigh became high, the nearest this model has."]],
    [{ effort: "low" }, { efforts: [] }, undefined, ["reasoning_effort low was left out: how hard this model thinks cannot be tuned."]],
    [{ effort: "none" }, { efforts: [] }, "none", []],
    [{ effort: "none" }, NO_NONE, "low", ["reasoning cannot be turned off: up always thinks. The lowest effort was asked for."]],
    [
      { effort: "none" },
      { ...NO_NONE, efforts: ["minimal", "low"] },
      "minimal",
      ["reasoning cannot be turned off: up always thinks. The lowest effort was asked for."],
    ],
    [{ effort: "high" }, { thinking: "none" }, undefined, ["reasoning_effort was dropped: up does not think."]],
    [{ effort: "none" }, { thinking: "none" }, undefined, []],
    [{ budget: 8000 }, {}, "medium", []],
    [{ budget: 0 }, {}, "none", []],
    [{ budget: -1 }, {}, undefined, []],
    [{ show: true }, {}, undefined, []],
  ];
  test.each(rows)("%j for %j is %p", (reasoning, profile, effort, warnings) => {
    const outgoing = written({ reasoning }, profile);
    expect([outgoing.body["reasoning_effort"], outgoing.warnings]).toEqual([effort, warnings]);
  });
});
