import { describe, expect, test } from "bun:test";
import type { Json } from "../../src/vocabulary/json.ts";
import { dialectAt, EXCEPTIONS, type Exception, requestMisfits } from "./requests.ts";
import { schemasAtHand } from "./vendors.ts";

const TURN = { role: "user", content: "hi" };

describe.if(schemasAtHand)("a request is held against its vendor's schema", () => {
  test.each<[dialect: string, body: Json, misfits: (string | RegExp)[]]>([
    ["openai-chat", { model: "m", messages: [TURN] }, []],
    ["openai-chat", { model: "m", messages: [] }, [/messages: must NOT have fewer than 1 items/]],
    ["openai-chat", { model: "m", messages: [{ ...TURN, cache_control: {} }] }, ["CreateChatCompletionRequest.messages[0].cache_control: is unknown"]],
    ["openai-responses", { model: "m", input: "hi", max_tokens: 5 }, ["CreateResponse.max_tokens: is unknown"]],
    ["openai-responses", { model: "m", input: [{ role: "assistant", content: [{ type: "refusal", refusal: "no" }] }] }, []],
    ["openai-responses", { model: "m", input: [{ role: "assistant", content: [{ type: "refusal", refusal: 7 }] }] }, [/refusal: must be string/]],
    ["anthropic-messages", { model: "m", max_tokens: 5, messages: [TURN] }, []],
    [
      "anthropic-messages",
      { model: "m", messages: [TURN], seed: 5 },
      ["BetaCreateMessageParams.max_tokens: is missing", "BetaCreateMessageParams.seed: is unknown"],
    ],
    ["anthropic-messages", { model: "m", max_tokens: 5, messages: [{ role: "user", content: [{ type: "text" }] }] }, [/content\[0\].text: is missing/]],
    ["gemini", { contents: [{ role: "user", parts: [{ text: "hi" }] }] }, []],
    ["gemini", { contents: [{ role: "user", parts: [{ text: 7, words: "" }] }] }, [/parts\[0\].text: must be string/, /parts\[0\].words: is unknown/]],
    ["ollama", { model: "m", messages: [TURN], options: { any: 1 } }, []],
    ["ollama", { model: "m", messages: [TURN], temperature: 1 }, ["ChatRequest.temperature: is unknown"]],
  ])("%s %j", (dialect, body, misfits) => {
    const found = requestMisfits({ dialect, kind: "any", body });
    expect(found).toEqual(misfits.map((misfit) => (typeof misfit === "string" ? misfit : (expect.stringMatching(misfit) as unknown as string))));
  });

  test("but for exceptions, which are told", () => {
    const met: Exception[] = [];
    const body = { model: "m", messages: [TURN], top_k: 5, enable_thinking: true };
    expect(requestMisfits({ dialect: "openai-chat", kind: "vllm", body }, (exception) => met.push(exception))).toEqual([]);
    expect(met.map(({ kind }) => kind ?? "any").toSorted()).toEqual(["any", "vllm"]);
    expect(requestMisfits({ dialect: "openai-chat", kind: "openai", body })).toEqual(["CreateChatCompletionRequest.top_k: is unknown"]);
  });
});

test.each([
  ["/v1/chat/completions", "openai-chat"],
  ["/v1/responses", "openai-responses"],
  ["/v1/messages", "anthropic-messages"],
  ["/v1beta/models/m:streamGenerateContent?alt=sse", "gemini"],
  ["/api/chat", "ollama"],
  ["/v1/responses/input_tokens", undefined],
])("%s is asked in %p", (path, dialect) => {
  expect(dialectAt(path)).toEqual(dialect);
});

test("a dialect without a schema is no dialect that fits", () => {
  expect(() => requestMisfits({ dialect: "openai-completions", kind: "openai", body: {} })).toThrow("no schema for requests of openai-completions");
});

test("there are no exceptions for Anthropic", () => {
  expect(EXCEPTIONS.filter(({ dialect }) => dialect === "anthropic-messages")).toEqual([]);
});
