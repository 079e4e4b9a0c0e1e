import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Caller } from "../../vocabulary/caller.ts";
import type { Call, DialectName } from "../../vocabulary/dialect.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { canonical } from "./canonical.ts";
import { keyOf, modelPrefix, type Question } from "./key.ts";
import { leftOutOf } from "./left-out.ts";

describe("what means the same is written the same", () => {
  const rows: [string, string, string | undefined][] = [
    ["order of members", '{"b":1,"a":{"d":2,"c":3}}', '{"a":{"c":3,"d":2},"b":1}'],
    ["order of a list stays", "[2, 1]", "[2,1]"],
    ["numbers by their value", '{"t":1.0,"u":1e2,"v":0.10,"w":-0}', '{"t":1,"u":100,"v":0.1,"w":0}'],
    ["texts as they are", '{"a":"1","b":" A\\u0041"}', '{"a":"1","b":" AA"}'],
    ["the rest", "[null,true,false,{},[]]", "[null,true,false,{},[]]"],
    ["as deep as it may be", `${"[".repeat(500)}${"]".repeat(500)}`, `${"[".repeat(500)}${"]".repeat(500)}`],
    ["a million levels", `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`, undefined],
    ["a number that may be another", '{"seed":9007199254740993}', undefined],
  ];
  test.each(rows)("%s", (_name, text, expected) => expect(canonical(JSON.parse(text))).toBe(expected));
});

const question = (json: JsonObject, more: Partial<Question> = {}, dialect: DialectName = "openai-chat"): Question => {
  const call: Call<unknown> = { dialect, model: "m", text: JSON.stringify(json), json, request: () => undefined };
  return { caller: { keyId: "k", keyName: "k", role: "member" }, model: "m", operation: "chat", call, headers: new Headers(), ...more };
};

describe("left out", () => {
  const rows: [DialectName, JsonObject, JsonObject, "same" | "other"][] = [
    ["openai-chat", { stream: true, stream_options: { include_usage: true } }, {}, "same"],
    ["openai-chat", { user: "a", metadata: { a: "b" }, safety_identifier: "s", store: true, service_tier: "flex" }, { user: "b" }, "same"],
    ["openai-chat", { prompt_cache_key: "k", prompt_cache_retention: "24h", model: "alias" }, { model: "m" }, "same"],
    ["openai-chat", { messages: [{ content: [{ type: "text", cache_control: {} }] }] }, { messages: [{ content: [{ type: "text" }] }] }, "same"],
    ["openai-chat", { extra: { user: "a" } }, { extra: {} }, "other"],
    ["openai-responses", { store: false, user: "a", safety_identifier: "b" }, {}, "same"],
    ["openai-responses", { previous_response_id: "resp_1" }, {}, "other"],
    ["anthropic-messages", { system: [{ text: "s", cache_control: { type: "ephemeral" } }] }, { system: [{ text: "s" }] }, "same"],
    ["anthropic-messages", { tools: [{ name: "t", cache_control: {} }], metadata: {} }, { tools: [{ name: "t" }], service_tier: "auto" }, "same"],
    ["anthropic-messages", { messages: [{ content: [{ input: { cache_control: 1 } }] }] }, { messages: [{ content: [{ input: {} }] }] }, "other"],
    ["anthropic-messages", { tools: [{ input_schema: { cache_control: 1 } }] }, { tools: [{ input_schema: {} }] }, "other"],
    ["anthropic-messages", { user: "a" }, {}, "other"],
    ["gemini", { stream: true }, {}, "other"],
    ["ollama", { keep_alive: "5m", stream: false }, {}, "same"],
    ["openai-embeddings", { user: "a" }, {}, "same"],
    ["openai-embeddings", { encoding_format: "base64" }, {}, "other"],
    ["openai-chat", { seed: 1, n: 2 ** 60 }, { seed: 2, n: 2 ** 60 }, "other"],
    ["openai-chat", { cache: { ttl: 5 } }, {}, "same"],
    ["openai-chat", { cache: { ttl: 5, prefix: "p" } }, {}, "other"],
  ];
  test.each(rows)("%s: %j and %j ask the %s", (dialect, one, other, expected) => {
    expect(keyOf(question(one, {}, dialect)) === keyOf(question(other, {}, dialect)) ? "same" : "other").toBe(expected);
  });
});

test("who asks, what model, how, and with which beta: each has keys of its own", () => {
  const caller: Caller = { keyId: "k", keyName: "k", role: "member" };
  const variants: Partial<Question>[] = [
    {},
    { caller: { ...caller, keyId: "k2" } },
    { caller: { ...caller, userId: "k" } },
    { caller: { ...caller, strict: true } },
    { behalf: { endUser: "u" } },
    { model: "n" },
    { operation: "completions" },
    { namespace: "n" },
    { headers: new Headers({ "anthropic-beta": "a" }) },
    { headers: new Headers({ "openai-beta": "a" }) },
  ];
  const keys = variants.map((variant) => keyOf(question({ a: 1 }, variant)));
  expect(new Set(keys).size).toBe(variants.length);
  expect(keyOf(question({ a: 1 }, {}, "ollama"))).not.toBe(keys[0] ?? "");
  expect(keyOf(question({ a: 1 }, { headers: new Headers({ "user-agent": "x" }), behalf: { session: "s" } }))).toBe(keys[0] ?? "");
});

test("keys of a model begin alike, and tell nothing", () => {
  const key = keyOf(question({ messages: [{ role: "user", content: "secret" }] }));
  expect(key.startsWith(modelPrefix("m"))).toBe(true);
  expect(key).toMatch(/^[\w-]{16}:[\w-]{43}$/);
});

/** Bodies with fields of any name, those of the table among them. */
const leaf = fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), fc.boolean(), fc.constant(null));
const name = fc.oneof(
  fc.constantFrom("model", "stream", "user", "messages", "content", "cache_control", "tools", "system", "temperature", "__proto__"),
  fc.string(),
);
const { body } = fc.letrec<{ body: JsonObject; value: unknown }>((tie) => ({
  value: fc.oneof({ depthSize: "small" }, leaf, fc.array(tie("value"), { maxLength: 3 }), tie("body")),
  body: fc.dictionary(name, tie("value") as fc.Arbitrary<never>, { maxKeys: 5 }) as fc.Arbitrary<JsonObject>,
}));
const DIALECTS: readonly DialectName[] = ["openai-chat", "openai-responses", "openai-completions", "anthropic-messages", "gemini", "ollama"];

test("any change but of what is left out is another key; any order is the same", () => {
  fc.assert(
    fc.property(body, fc.constantFrom(...DIALECTS), name, leaf, (json, dialect, field, value) => {
      const key = keyOf(question(json, {}, dialect));
      const turned = Object.fromEntries(Object.entries(json).reverse());
      expect(keyOf(question(turned, {}, dialect))).toBe(key);
      const changed = { ...json };
      Object.defineProperty(changed, field, { value, enumerable: true, writable: true, configurable: true });
      const same = leftOutOf(dialect)[field] === true || canonical(changed) === canonical(json);
      expect(keyOf(question(changed, {}, dialect)) === key).toBe(same);
    }),
  );
});
