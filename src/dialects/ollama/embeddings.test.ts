import { describe, expect, test } from "bun:test";
import { recordings } from "../../../tests/recordings/recordings.ts";
import type { EmbeddingsRequest } from "../../vocabulary/embeddings.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { type Json, listOf, objectOf } from "../../vocabulary/json.ts";
import { mergeProfiles } from "../../vocabulary/profile.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { ollamaEmbeddingsOutbound as outbound } from "./embeddings.ts";

const ASKED: EmbeddingsRequest = { model: "public", inputs: ["a", "b"], extras: {} };
const AT = { model: "nomic", profile: mergeProfiles() };

test.each([
  [{}, { model: "nomic", input: ["a", "b"] }],
  [
    { dimensions: 64, user: "u" },
    { model: "nomic", input: ["a", "b"], dimensions: 64 },
  ],
  [
    { extras: { keep_alive: "5m", truncate: false, options: { num_ctx: 512 }, input_type: "query" } },
    { model: "nomic", input: ["a", "b"], keep_alive: "5m", truncate: false, options: { num_ctx: 512 } },
  ],
] as [Partial<EmbeddingsRequest>, Json][])("%j is written", (request, body) =>
  expect(JSON.parse(outbound.write({ ...ASKED, ...request }, AT).body)).toEqual(body),
);

test("what the profile drops is dropped with a warning", () => {
  const outgoing = outbound.write({ ...ASKED, dimensions: 64 }, { model: "nomic", profile: mergeProfiles({ drop: ["dimensions"] }) });
  expect(outgoing.body).not.toContain("dimensions");
  expect(outgoing.warnings).toHaveLength(1);
});

test("tokens are refused", () => {
  expect(() => outbound.write({ ...ASKED, inputs: [[1, 2]] }, AT)).toThrow(Failure);
});

test("an answer is read", () => {
  expect(
    outbound.readAnswer({
      model: "nomic",
      embeddings: [
        [0.5, -1],
        [2, 3],
      ],
      prompt_eval_count: 4,
    }),
  ).toEqual({
    model: "nomic",
    vectors: [
      [0.5, -1],
      [2, 3],
    ],
    usage: usageOf({ input: 4 }),
  });
  expect(outbound.readAnswer({ embeddings: [[1]] }).usage.evidence).toBe("estimated");
});

describe("a broken answer throws", () => {
  test.each([[{ error: "no such model" }], [{ embeddings: ["x"] }], [{}], ["text"], [null]] as [Json][])("%j", (answer) =>
    expect(() => outbound.readAnswer(answer)).toThrow(Failure),
  );
});

test("recorded embeddings give their vectors and counts", () => {
  const recorded = recordings({ api: "ollama_embed", ok: true });
  expect(recorded.map((recording) => outbound.readAnswer(recording.response.body))).toEqual(
    recorded.map((recording) => ({
      model: recording.model ?? "",
      vectors: listOf(objectOf(recording.response.body)["embeddings"]) as number[][],
      usage: usageOf({ input: Number(objectOf(recording.usage)["prompt_eval_count"]) }),
    })),
  );
});
