import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../src/vocabulary/json.ts";
import { type Recording, recordings } from "../recordings/recordings.ts";
import type { Outcome } from "./recorded/run.ts";
import { isPlayedAsGemini, playGemini } from "./recorded/run-gemini.ts";

/** Real traffic of Google's clients, played through the gateway to a Gemini upstream: all that we do not own must come through as it was. */
const made = (id: string, api: string, verb: string, request: JsonObject, body: Json, more: Partial<Recording> = {}): Recording => ({
  id,
  api,
  core: true,
  provider: "gemini",
  model: "gemini-x",
  fidelity: "wire",
  stream: false,
  features: [],
  finish: [],
  usage: null,
  request: { method: "POST", path: `/v1beta/models/gemini-x:${verb}`, headers: {}, body: request, ...(more.stream === "sse" ? { query: { alt: "sse" } } : {}) },
  response: { status: 200, headers: {}, body },
  ...more,
});

const CONTENTS = { contents: [{ role: "user", parts: [{ text: "hi" }] }], tools: [{ googleSearch: {} }] };
const USAGE = { promptTokenCount: 3, candidatesTokenCount: 5, thoughtsTokenCount: 2, totalTokenCount: 10 };
const ANSWER = { candidates: [{ content: { parts: [{ text: "Grüße" }] }, finishReason: "STOP", avgLogprobs: -0.5 }], usageMetadata: USAGE, x: 1 };
const FRAME = `data: ${JSON.stringify(ANSWER)}\r\n\r\n`;
const HAND_MADE: readonly Recording[] = [
  made("made/whole", "gemini_generate", "generateContent", { model: "models/gemini-x", ...CONTENTS }, ANSWER, { usage: USAGE }),
  made("made/frames", "gemini_generate", "streamGenerateContent", CONTENTS, FRAME, { stream: "sse", usage: USAGE }),
  made("made/list", "gemini_generate", "streamGenerateContent", CONTENTS, [ANSWER], { stream: "json-array", usage: USAGE }),
  made("made/count", "gemini_count_tokens", "countTokens", { generateContentRequest: { ...CONTENTS, model: "models/gemini-x" } }, { totalTokens: 5, x: 1 }),
  made(
    "made/embed",
    "gemini_embed",
    "batchEmbedContents",
    { requests: [{ model: "models/gemini-x", content: { parts: [{ text: "a" }] } }] },
    { embeddings: [{ values: [0.5] }] },
  ),
  made("made/refused", "gemini_generate", "generateContent", CONTENTS, null, {
    response: { status: 400, headers: {}, body: { error: { code: 400, message: "no", status: "INVALID_ARGUMENT" } } },
  }),
];

const problemsIn = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(({ recording, problems }) => (problems.length === 0 ? [] : [`${recording.id}: ${problems.join("; ")}`]));

describe("the checks themselves bite", () => {
  test.each<[string, Recording, string]>([
    [
      "another usage",
      made("lie", "gemini_generate", "generateContent", CONTENTS, ANSWER, { usage: { ...USAGE, thoughtsTokenCount: 3 } }),
      "metered: 7 output, not 8",
    ],
    [
      "a stream that is cut",
      made("lie", "gemini_generate", "streamGenerateContent", CONTENTS, FRAME.replace('"finishReason":"STOP",', ""), { stream: "sse" }),
      "another stream",
    ],
    ["a failure in disguise", made("lie", "gemini_generate", "generateContent", CONTENTS, { error: { code: 503, message: "busy" } }), "status 503"],
  ])("on %s", async (_name, recording, says) => {
    expect(problemsIn(await playGemini([recording])).join()).toContain(says);
  });
});

const core = recordings({ core: true }).filter(isPlayedAsGemini);

describe("recorded traffic of Google's clients, in its own lane", () => {
  test("comes through as it was, and is metered as reported", async () => {
    const played = [...HAND_MADE, ...core];
    const outcomes = await playGemini(played);
    expect(problemsIn(outcomes)).toEqual([]);
    expect(outcomes).toHaveLength(played.length);
  });

  test("however the network cuts it", async () => {
    const streams = [...HAND_MADE, ...core].filter((recording) => recording.stream !== false);
    for (const bytes of [1, 7, 64]) expect(problemsIn(await playGemini(streams, bytes))).toEqual([]);
    expect(streams.length).toBeGreaterThan(0);
  });
});
