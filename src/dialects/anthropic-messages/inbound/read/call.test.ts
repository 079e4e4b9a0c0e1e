import { describe, expect, test } from "bun:test";
import { Failure } from "../../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { readCountCall, readMessagesCall } from "./call.ts";

const PLAIN = { model: "claude", max_tokens: 5, messages: [{ role: "user", content: "hi" }] };

describe("a call", () => {
  const rows: [string, JsonObject, JsonObject][] = [
    ["a plain one", {}, { dialect: "anthropic-messages", model: "claude", stream: false, wantsUsage: true }],
    ["a stream", { stream: true }, { stream: true, wantsUsage: true }],
    ["null is absent", { stream: null, model: null, tools: null }, { stream: false, model: "" }],
    ["what only the upstream knows", { thinking: "new form", tools: [{ type: "hologram_20270101" }] }, { model: "claude" }],
    ["a bound of nothing, which warms a cache", { max_tokens: 0 }, { model: "claude" }],
  ];
  test.each(rows)("%s", (_name, more, expected) => {
    const body = JSON.stringify({ ...PLAIN, ...more });
    expect(readMessagesCall(incoming(body))).toMatchObject({ ...expected, text: body });
  });
});

describe("refused, with the path at fault", () => {
  const rows: [string, string, string, string][] = [
    ["no JSON", "{", "", "The request body is not valid JSON"],
    ["no object", "[]", "", "The request body must be a JSON object."],
    ["a model that is no string", '{"model":5,"max_tokens":5,"messages":[{}]}', "model", "model must be a string."],
    ["a stream that is no boolean", '{"stream":1,"max_tokens":5,"messages":[{}]}', "stream", "stream must be a boolean."],
    ["no bound", '{"messages":[{}]}', "max_tokens", "max_tokens is missing."],
    ["a bound that is null", '{"max_tokens":null,"messages":[{}]}', "max_tokens", "max_tokens is missing."],
    ["a negative bound", '{"max_tokens":-1,"messages":[{}]}', "max_tokens", "max_tokens must be a positive integer."],
    ["half a token", '{"max_tokens":1.5,"messages":[{}]}', "max_tokens", "max_tokens must be a positive integer."],
    ["a bound in words", '{"max_tokens":"5","messages":[{}]}', "max_tokens", "max_tokens must be a positive integer."],
    ["no messages", '{"max_tokens":5}', "messages", "messages is missing."],
    ["messages that are no list", '{"max_tokens":5,"messages":"hi"}', "messages", "messages must be a list"],
    ["an empty list", '{"max_tokens":5,"messages":[]}', "messages", "messages must be a list"],
    ["a message that is none", '{"max_tokens":5,"messages":[{},"hi"]}', "messages[1]", "messages[1] must be an object"],
  ];
  test.each(rows)("%s", (_name, body, param, message) => {
    expect(refusalOf(() => readMessagesCall(incoming(body)))).toEqual([param, expect.stringContaining(message)]);
  });
});

test("a count needs no bound, and is no stream", () => {
  const { max_tokens: _bound, ...counted } = PLAIN;
  expect(readCountCall(incoming(counted)).request()).toMatchObject({ maxTokens: undefined, stream: false });
  expect(refusalOf(() => readCountCall(incoming({ model: "claude" })))[0]).toBe("messages");
});

test("a request that nests without end is refused once it has to be read", () => {
  const deep = `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"hi"}],"tools":[{"name":"f","input_schema":${'{"a":'.repeat(2000)}1${"}".repeat(2000)}}]}`;
  const call = readMessagesCall(incoming(deep));
  expect(refusalOf(() => call.request())).toEqual(["", "The request nests deeper than 1000 levels."]);
});

function refusalOf(read: () => unknown): [param: string | undefined, message: string] {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.kind === "invalid-request") return [thrown.facts.param, thrown.message];
    throw thrown;
  }
  throw new Error("nothing was refused");
}
