import { describe, expect, test } from "bun:test";
import type { JsonObject } from "../../vocabulary/json.ts";
import { codeText } from "./code.ts";
import { endingOf, finishFields } from "./finish.ts";
import { annotationsOf, groundingOf } from "./grounding.ts";
import { logprobsOf, logprobsToGemini } from "./logprobs.ts";

/** What both faces know of the format, there and back. */
describe("why a candidate ended", () => {
  test.each<[Parameters<typeof finishFields>, JsonObject]>([
    [["stop"], { finishReason: "STOP" }],
    [["length"], { finishReason: "MAX_TOKENS" }],
    [["tool-calls"], { finishReason: "STOP" }],
    [["pause"], { finishReason: "STOP" }],
    [["content-filter"], { finishReason: "SAFETY" }],
    [["refusal", ""], { finishReason: "SAFETY" }],
    [["refusal", "cyber"], { finishReason: "SAFETY", finishMessage: "cyber" }],
    [["content-filter", "SAFETY: hate"], { finishReason: "SAFETY", finishMessage: "hate" }],
    [["content-filter", "RECITATION"], { finishReason: "RECITATION" }],
    [["content-filter", "NO_SUCH_WORD: x"], { finishReason: "SAFETY", finishMessage: "NO_SUCH_WORD: x" }],
  ])("%j", (given, expected) => {
    expect(finishFields(...given)).toEqual(expected);
  });

  test("a blocked one comes back as it was read", () => {
    const ending = endingOf("PROHIBITED_CONTENT", { calls: 0, message: "no" });
    expect(ending.type === "finish" ? finishFields(ending.reason, ending.detail) : ending).toEqual({ finishReason: "PROHIBITED_CONTENT", finishMessage: "no" });
  });
});

describe("sources", () => {
  const cite = (url: string, start?: number, end?: number, title?: string): JsonObject => ({
    type: "url_citation",
    url_citation: { url, ...(title === undefined ? {} : { title }), ...(start === undefined ? {} : { start_index: start, end_index: end }) },
  });
  const TEXT = "Grüße aus Łódź.";

  test("spans are counted in bytes, and each address is named once", () => {
    expect(groundingOf([cite("https://a", 0, 5, "A"), cite("https://b", 10, 14, "B"), cite("https://a", 10, 14, "A")], TEXT)).toEqual({
      groundingChunks: [{ web: { uri: "https://a", title: "A" } }, { web: { uri: "https://b", title: "B" } }],
      groundingSupports: [
        { segment: { startIndex: 0, endIndex: 7, text: "Grüße" }, groundingChunkIndices: [0] },
        { segment: { startIndex: 12, endIndex: 19, text: "Łódź" }, groundingChunkIndices: [1] },
        { segment: { startIndex: 12, endIndex: 19, text: "Łódź" }, groundingChunkIndices: [0] },
      ],
    });
  });

  test("and come back as they were", () => {
    const annotations = [cite("https://a", 0, 5, "A"), cite("https://b", 10, 14, "B")];
    expect(annotationsOf(groundingOf(annotations, TEXT) ?? {}, TEXT)).toEqual(
      annotations.map(({ type, url_citation }) => ({ type, url_citation: expect.objectContaining(url_citation as JsonObject) })),
    );
  });

  test.each<[string, JsonObject, unknown]>([
    ["without a place", cite("https://a"), []],
    ["past the end", cite("https://a", 3, 99), []],
    ["turned around", cite("https://a", 5, 2), []],
    ["with odd places", cite("https://a", Number.NaN, 3), []],
    ["in the flat shape", { type: "url_citation", url: "https://a", title: "", start_index: 0, end_index: 1 }, [expect.anything()]],
  ])("one %s still names its address", (_name, annotation, groundingSupports) => {
    expect(groundingOf([annotation], TEXT)).toEqual({ groundingChunks: [{ web: { uri: "https://a", title: "" } }], groundingSupports } as never);
  });

  test("one without an address is none", () => {
    expect([groundingOf([], "t"), groundingOf([{ type: "file_citation", file_id: "f" }], "t")]).toEqual([undefined, undefined]);
  });
});

describe("probabilities", () => {
  const logprobs = { content: [{ token: "a", logprob: -0.5, bytes: [97], top_logprobs: [{ token: "b", logprob: -1, bytes: [98] }] }], refusal: null };
  const result = { chosenCandidates: [{ token: "a", logProbability: -0.5 }], topCandidates: [{ candidates: [{ token: "b", logProbability: -1 }] }] };

  test("there and back, and piece by piece", () => {
    expect(logprobsToGemini([logprobs])).toEqual(result);
    expect(logprobsOf(logprobsToGemini([logprobs]))).toEqual(logprobs);
    expect(logprobsToGemini([logprobs, logprobs])?.["chosenCandidates"]).toHaveLength(2);
  });

  test("nothing is nothing", () => {
    expect([logprobsToGemini([]), logprobsToGemini([{ content: [] }]), logprobsToGemini([null])]).toEqual([undefined, undefined, undefined]);
  });
});

test("code that Gemini ran is text, in either spelling", () => {
  expect(codeText({ executable_code: { language: "PYTHON", code: "print(1)\n" } })).toBe("\n```python\nprint(1)\n```\n");
  expect(codeText({ codeExecutionResult: { outcome: "OUTCOME_FAILED", output: "no" } })).toBe("\n```\nOUTCOME_FAILED\nno\n```\n");
  expect(codeText({ text: "x" })).toBeUndefined();
});
