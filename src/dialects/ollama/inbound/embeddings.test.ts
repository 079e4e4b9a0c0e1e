import { describe, expect, test } from "bun:test";
import type { EmbeddingsRequest } from "../../../vocabulary/embeddings.ts";
import { Failure } from "../../../vocabulary/failure.ts";
import { usageOf } from "../../../vocabulary/usage.ts";
import { incoming } from "../../shared/incoming.fixture.ts";
import { ollamaEmbedInbound as embed, ollamaOldEmbeddingsInbound as old } from "./embeddings.ts";

const FACTS = { model: "public", requestId: "req_1", created: 7, clock: { elapsed: () => 1.5 } };

describe("requests", () => {
  const rows: [object, Partial<EmbeddingsRequest>][] = [
    [{ input: "a" }, { model: "m", inputs: ["a"], extras: {} }],
    [
      { input: ["a", "b"], dimensions: 64 },
      { inputs: ["a", "b"], dimensions: 64 },
    ],
    [
      { input: "a", dimensions: null, truncate: true, keep_alive: "5m", options: { num_ctx: 512 } },
      { inputs: ["a"], extras: { truncate: true, keep_alive: "5m", options: { num_ctx: 512 } } },
    ],
  ];
  test.each(rows)("%j", (body, expected) => expect(embed.readCall(incoming({ model: "m", ...body })).request()).toMatchObject(expected));

  test("of the older route", () => {
    expect(old.readCall(incoming({ model: "m", prompt: "a", options: null })).request()).toEqual({ model: "m", inputs: ["a"], extras: { options: null } });
  });

  const refused: [typeof embed, object, string][] = [
    [embed, {}, "input"],
    [embed, { input: "" }, "input"],
    [embed, { input: [] }, "input"],
    [embed, { input: ["a", ""] }, "input[1]"],
    [embed, { input: [[1, 2]] }, "input[0]"],
    [embed, { input: 5 }, "input"],
    [embed, { input: "a", dimensions: 0 }, "dimensions"],
    [embed, { input: "a", options: 5 }, "options"],
    [old, {}, "prompt"],
    [old, { prompt: ["a"] }, "prompt"],
  ];
  test.each(refused)("what cannot be embedded is refused: %#", (face, body, path) => {
    let thrown: unknown;
    try {
      face.readCall(incoming({ model: "m", ...body }));
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(Failure);
    expect((thrown as Failure).facts.param).toBe(path);
  });
});

describe("answers are numbers, whatever the upstream sent", () => {
  const call = embed.readCall(incoming({ model: "public", input: ["a", "b"] }));
  const answer = { vectors: [[1, 2], "AACAPwAAAEA="], usage: usageOf({ input: 3, cacheRead: 1 }) };
  test("of /api/embed", () => {
    expect(JSON.parse(embed.writeAnswer(answer, call, FACTS))).toEqual({
      model: "public",
      embeddings: [
        [1, 2],
        [1, 2],
      ],
      total_duration: 1_500_000,
      load_duration: 0,
      prompt_eval_count: 4,
    });
    expect(JSON.parse(embed.writeAnswer({ ...answer, model: "up" }, call, { ...FACTS, clock: undefined }))).toMatchObject({ model: "up", total_duration: 0 });
  });
  test("of the older route", () => {
    expect(JSON.parse(old.writeAnswer({ ...answer, vectors: [[1, 2]] }, call, FACTS))).toEqual({ embedding: [1, 2] });
    expect(JSON.parse(old.writeAnswer({ ...answer, vectors: [] }, call, FACTS))).toEqual({ embedding: [] });
  });
});
