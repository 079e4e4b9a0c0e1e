import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { recordings } from "../../../tests/recordings/recordings.ts";
import type { AnswerFacts } from "../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer, Vector } from "../../vocabulary/embeddings.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { type Json, type JsonObject, listOf, objectOf } from "../../vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../vocabulary/profile.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { incoming } from "../shared/incoming.fixture.ts";
import { base64Of, floatsOf } from "../shared/vectors.ts";
import { openaiEmbeddingsInbound as inbound } from "./inbound.ts";
import { openaiEmbeddingsOutbound as outbound } from "./outbound.ts";

const FACTS: AnswerFacts = { model: "public", requestId: "req_1", created: 1700000000 };
const at = (profile: Partial<Profile> = {}) => ({ model: "up", profile: mergeProfiles(profile) });
const read = (body: JsonObject) => inbound.readCall(incoming({ model: "m", ...body }));

describe("what clients send", () => {
  const rows: [Json, Json[]][] = [
    ["a", ["a"]],
    [["a"], ["a"]],
    [
      ["a", "b"],
      ["a", "b"],
    ],
    [[1, 2], [[1, 2]]],
    [
      [[1, 2], [3]],
      [[1, 2], [3]],
    ],
  ];
  test.each(rows)("input %j", (input, inputs) => expect(read({ input }).request().inputs).toEqual(inputs as string[]));

  test("the other fields", () => {
    const call = read({ input: "a", dimensions: 64, user: "u", encoding_format: "base64", input_type: "query" });
    expect(call).toMatchObject({ dialect: "openai-embeddings", model: "m", encoding: "base64" });
    expect(call.request()).toEqual({ model: "m", inputs: ["a"], dimensions: 64, user: "u", extras: { input_type: "query" } });
    expect(read({ input: "a", encoding_format: null, dimensions: null }).encoding).toBe("float");
  });

  const refused: [JsonObject, string][] = [
    [{}, "input"],
    [{ input: null }, "input"],
    [{ input: "" }, "input"],
    [{ input: [] }, "input"],
    [{ input: {} }, "input"],
    [{ input: ["a", ""] }, "input[1]"],
    [{ input: ["a", 1] }, "input[1]"],
    [{ input: [1, "a"] }, "input[1]"],
    [{ input: [1.5] }, "input[0]"],
    [{ input: [[]] }, "input[0]"],
    [{ input: [[1], ["a"]] }, "input[1]"],
    [{ input: [null] }, "input[0]"],
    [{ input: "a", encoding_format: "int8" }, "encoding_format"],
    [{ input: "a", dimensions: 0 }, "dimensions"],
    [{ input: "a", user: 1 }, "user"],
  ];
  test.each(refused)("%j is refused", (body, param) => {
    let thrown: unknown;
    try {
      read(body);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect((thrown as Failure).facts.param).toBe(param);
  });
});

describe("vectors in the form that was asked for", () => {
  // 1.0, -2.5 and 0.1 as little-endian 32-bit floats.
  const BASE64 = "AACAPwAAIMDNzMw9";
  const rows: [string | undefined, Vector, Vector][] = [
    ["base64", [1, -2.5, 0.1], BASE64],
    ["base64", BASE64, BASE64],
    ["float", [1, -2.5, 0.1], [1, -2.5, 0.1]],
    ["float", BASE64, [1, -2.5, Math.fround(0.1)]],
    [undefined, [1, -2.5, 0.1], [1, -2.5, 0.1]],
    [undefined, "/wCA", "/wCA"],
  ];
  test.each(rows)("asked %p, given %j", (encoding, vector, expected) => {
    const call = read({ input: "a", ...(encoding === undefined ? {} : { encoding_format: encoding }) });
    const answer: EmbeddingsAnswer = { model: "up", vectors: [vector, vector], usage: usageOf({ input: 3, cacheRead: 1 }) };
    expect(JSON.parse(inbound.writeAnswer(answer, call, FACTS))).toEqual({
      object: "list",
      data: [0, 1].map((index) => ({ object: "embedding", index, embedding: expected })),
      model: "up",
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  test("the public name stands in for none", () => {
    expect(JSON.parse(inbound.writeAnswer({ vectors: [], usage: usageOf({}) }, read({ input: "a" }), FACTS))).toMatchObject({ model: "public" });
  });

  test("32-bit floats survive the way there and back", () => {
    fc.assert(fc.property(fc.array(fc.float({ noNaN: true, noDefaultInfinity: true })), (floats) => expect(floatsOf(base64Of(floats))).toEqual(floats)));
  });
});

describe("the express lane", () => {
  const rows: [string, Partial<Profile>, string, number][] = [
    ['{"model": "m", "input":"a",  "x":1.0}', {}, '{"model": "up", "input":"a",  "x":1.0}', 0],
    ['{"model":"up", "input":[1,2]}', {}, '{"model":"up", "input":[1,2]}', 0],
    ['{"model":"up","input":"a","encoding_format":"base64","user":"u"}', { drop: ["encoding_format", "user"] }, '{"model":"up","input":"a"}', 1],
    ['{"model":"up","input":"a","dimensions":64}', { rename: { dimensions: "output_dimension" } }, '{"model":"up","input":"a","output_dimension":64}', 0],
  ];
  test.each(rows)("%s for %j", (text, profile, body, warnings) => {
    const outgoing = outbound.express?.(inbound.readCall(incoming(text)), at(profile));
    expect(outgoing?.body).toBe(body);
    expect(outgoing?.warnings).toHaveLength(warnings);
  });
});

test("a request of another dialect is written", () => {
  const request = { model: "m", inputs: ["a", [1, 2]], dimensions: 64, user: "u", extras: { other: 1 } };
  expect(JSON.parse(outbound.write(request, at()).body)).toEqual({ model: "up", input: ["a", [1, 2]], dimensions: 64, user: "u" });
  const outgoing = outbound.write(request, at({ drop: ["user"], rename: { dimensions: "output_dimension" } }));
  expect(JSON.parse(outgoing.body)).toEqual({ model: "up", input: ["a", [1, 2]], output_dimension: 64 });
  expect(outgoing.warnings).toEqual(["other was dropped: up has nothing like it.", "user was dropped: up does not accept it."]);
});

describe("what upstreams answer", () => {
  const entry = (index: number, embedding: Json): JsonObject => ({ object: "embedding", index, embedding });
  test("vectors come in the order of their index", () => {
    expect(outbound.readAnswer({ model: "up", data: [entry(1, [2]), entry(0, "AACAPw==")], usage: { prompt_tokens: 3, total_tokens: 3 } })).toEqual({
      model: "up",
      vectors: ["AACAPw==", [2]],
      usage: usageOf({ input: 3 }),
    });
  });
  test.each([
    [{ total_tokens: 5 }, usageOf({ input: 5 })],
    [{ prompt_tokens: 5, total_tokens: 5, completion_tokens: 0 }, usageOf({ input: 5 })],
    [undefined, usageOf({ evidence: "estimated" })],
  ] as [JsonObject | undefined, EmbeddingsAnswer["usage"]][])("usage %j", (usage, expected) => {
    expect(outbound.readAnswer({ data: [entry(0, [1])], usage }).usage).toEqual(expected);
  });
  test.each([[null], ["text"], [{}], [{ error: { message: "no" } }], [{ data: [{}] }], [{ data: [entry(0, ["x"])] }]] as [Json][])("%j throws", (json) =>
    expect(() => outbound.readAnswer(json)).toThrow(Failure),
  );
});

test("recorded embeddings give their vectors unchanged, and the counts the index names", () => {
  const recorded = recordings({ api: "embeddings", ok: true });
  const answers = recorded.map((recording) => outbound.readAnswer(recording.response.body));
  const tokens = recorded.map(({ usage }) => Number(usage?.["prompt_tokens"] ?? usage?.["total_tokens"]));
  expect(answers.map((answer) => answer.usage)).toEqual(tokens.map((input) => usageOf({ input })));
  const vectors = recorded.map((recording) => listOf(objectOf(recording.response.body)["data"]).map((one) => objectOf(one)["embedding"]));
  expect(answers.map((answer) => answer.vectors)).toEqual(vectors as Vector[][]);
  // Asked as recorded, every client gets back the very form the upstream gave.
  const written = recorded.map((recording, index) => {
    const call = inbound.readCall(incoming(recording.request.body));
    return objectOf(JSON.parse(inbound.writeAnswer(answers[index] as EmbeddingsAnswer, call, FACTS)) as Json)["data"];
  });
  expect(written.map((data) => listOf(data).map((one) => objectOf(one)["embedding"]))).toEqual(vectors);
});
