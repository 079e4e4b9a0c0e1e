import { describe, expect, test } from "bun:test";
import type { EmbeddingsRequest } from "../../../vocabulary/embeddings.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { usageOf } from "../../../vocabulary/usage.ts";
import { incoming } from "../../shared/incoming.fixture.ts";
import { geminiEmbeddingsInbound } from "./embeddings.ts";

const content = (...texts: string[]) => ({ parts: texts.map((text) => ({ text })) });
const one = (body: object) => geminiEmbeddingsInbound.readCall(incoming(body, {}, "e:embedContent"));
const batch = (...requests: JsonObject[]) => geminiEmbeddingsInbound.readCall(incoming({ requests }, {}, "e:batchEmbedContents"));
const refusal = (ask: () => unknown): string => {
  try {
    ask();
    return "nothing was refused";
  } catch (thrown) {
    return thrown instanceof Failure ? thrown.message : String(thrown);
  }
};

describe("what is asked", () => {
  test.each<[string, ReturnType<typeof one>, Partial<EmbeddingsRequest>]>([
    ["one content", one({ content: content("a"), outputDimensionality: 6 }), { inputs: ["a"], dimensions: 6 }],
    ["its parts are one text", one({ content: content("a", "b") }), { inputs: ["a\nb"], dimensions: undefined }],
    ["a batch", batch({ content: content("a") }, { model: "models/e", content: content("b") }), { inputs: ["a", "b"] }],
    [
      "in the other spelling",
      one({ content: content("a"), output_dimensionality: "6", task_type: "CLUSTERING" }),
      { dimensions: 6, extras: { taskType: "CLUSTERING" } },
    ],
    [
      "in the newer config",
      one({ content: content("a"), embedContentConfig: { outputDimensionality: 6, title: "t" } }),
      { dimensions: 6, extras: { title: "t" } },
    ],
    ["knobs of any request", batch({ content: content("a") }, { content: content("b"), taskType: "CLUSTERING" }), { extras: { taskType: "CLUSTERING" } }],
  ])("%s", (_name, call, expected) => {
    expect([call.model, call.dialect, call.encoding]).toEqual(["e", "gemini-embeddings", "float"]);
    expect(JSON.parse(JSON.stringify(call.request()))).toMatchObject(JSON.parse(JSON.stringify(expected)));
  });

  test.each<[string, () => unknown, string]>([
    ["no content", () => one({}), "content is missing."],
    ["no requests", () => batch(), "requests is missing or empty."],
    ["a batch where one is asked for", () => one({ requests: [], content: content("a") }), "requests belongs to :batchEmbedContents."],
    ["a request without content", () => batch({ content: content("a") }, {}), "requests[1].content is missing."],
    ["a picture", () => batch({ content: { parts: [{ inlineData: {} }] } }).request(), "requests[0].content.parts[0] must be text."],
    ["no text", () => one({ content: { parts: [{ text: "" }] } }).request(), "content.parts must hold a text that is not empty."],
    [
      "vectors of different lengths",
      () => batch({ content: content("a") }, { content: content("b"), outputDimensionality: 3 }).request(),
      "requests[1].outputDimensionality differs",
    ],
  ])("%s is refused", (_name, ask, message) => {
    expect(refusal(ask)).toStartWith(message);
  });
});

describe("what is answered", () => {
  const FACTS = { model: "e", requestId: "req_1", created: 0 };
  const vectors = [[0.5, 1], "AACAPwAAAEA="];
  test("one vector to one content, a list to a batch; numbers, whatever the upstream sent", () => {
    const answer = { vectors, usage: usageOf({ input: 7 }) };
    expect(JSON.parse(geminiEmbeddingsInbound.writeAnswer(answer, one({ content: content("a") }), FACTS))).toEqual({
      embedding: { values: [0.5, 1] },
      usageMetadata: { promptTokenCount: 7 },
    });
    expect(JSON.parse(geminiEmbeddingsInbound.writeAnswer(answer, batch({ content: content("a") }), FACTS))).toEqual({
      embeddings: [{ values: [0.5, 1] }, { values: [1, 2] }],
      usageMetadata: { promptTokenCount: 7 },
    });
  });
});
