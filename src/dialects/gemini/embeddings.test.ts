import { describe, expect, test } from "bun:test";
import type { Failure } from "../../vocabulary/failure.ts";
import type { Json } from "../../vocabulary/json.ts";
import { mergeProfiles } from "../../vocabulary/profile.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { geminiEmbeddingsOutbound } from "./embeddings.ts";

const profile = mergeProfiles();

describe("geminiEmbeddingsOutbound.write", () => {
  test("every input names the model again", () => {
    const { body } = geminiEmbeddingsOutbound.write({ model: "e", inputs: ["a", "b"], dimensions: 768, extras: {} }, { model: "gemini-embedding-2", profile });
    const request = (text: string) => ({ model: "models/gemini-embedding-2", content: { parts: [{ text }] }, outputDimensionality: 768 });
    expect(JSON.parse(body)).toEqual({ requests: [request("a"), request("b")] });
  });

  test.each([
    ["gemini-embedding-2", "models/gemini-embedding-2"],
    ["models/gemini-embedding-2", "models/gemini-embedding-2"],
    ["tunedModels/mine", "tunedModels/mine"],
  ])("the model %s is named %s", (model, expected) => {
    const { body } = geminiEmbeddingsOutbound.write({ model, inputs: ["a"], extras: {} }, { model, profile });
    expect(JSON.parse(body)).toEqual({ requests: [{ model: expected, content: { parts: [{ text: "a" }] } }] });
  });

  test("token numbers are refused at their place", () => {
    expect(() => geminiEmbeddingsOutbound.write({ model: "e", inputs: ["a", [1, 2]], extras: {} }, { model: "e", profile })).toThrow(/^input\[1\]/);
  });
});

describe("geminiEmbeddingsOutbound.readAnswer", () => {
  test.each<[string, Json, unknown]>([
    [
      "counted",
      { embeddings: [{ values: [1, 2] }, { values: [3, 4] }], usageMetadata: { promptTokenCount: 4 } },
      {
        vectors: [
          [1, 2],
          [3, 4],
        ],
        usage: usageOf({ input: 4 }),
      },
    ],
    ["uncounted", { embeddings: [{ values: [1] }] }, { vectors: [[1]], usage: usageOf({ evidence: "estimated" }) }],
    ["of a single request", { embedding: { values: [1] } }, { vectors: [[1]], usage: usageOf({ evidence: "estimated" }) }],
  ])("an answer %s", (_name, given, expected) => {
    expect(geminiEmbeddingsOutbound.readAnswer(given)).toEqual(expected as never);
  });

  test.each<[string, Json, string]>([
    ["without vectors", {}, "upstream-error"],
    ["with an empty vector", { embeddings: [{ values: [1] }, {}] }, "upstream-error"],
    ["that is an error", { error: { code: 503, status: "UNAVAILABLE", message: "busy" } }, "overloaded"],
  ])("an answer %s fails", (_name, given, kind) => {
    try {
      geminiEmbeddingsOutbound.readAnswer(given);
      expect.unreachable();
    } catch (failure) {
      expect((failure as Failure).kind as string).toBe(kind);
    }
  });
});
