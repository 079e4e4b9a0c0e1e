import { describe, expect, test } from "bun:test";
import { type Recording, recordings } from "../../recordings/recordings.ts";
import { isStreamed } from "./lane.ts";
import { isPlayed, OWN_LANES } from "./lanes.ts";
import { made } from "./made.ts";
import {
  AUDIO_SECONDS,
  CHAT_CHUNKS,
  CHAT_USAGE,
  CLAUDE_STREAM,
  GEMINI_FRAME,
  GEMINI_USAGE,
  GENERATE_LINES,
  geminiStream,
  MADE,
  OLLAMA_LINES,
  OLLAMA_USAGE,
  RANKED,
  RESPONSE_STREAM,
  RESPONSE_USAGE,
} from "./made-answers.ts";
import { play } from "./play.ts";
import { idle, unexplained } from "./results.ts";

/** Real traffic of every API to clients of its own dialect. `npm run campaign -- recordings` tries more cuts and writes a report. */
const all = [...MADE, ...recordings()].filter(isPlayed);

describe("the checks themselves bite", () => {
  const GOOGLE_BUSY = { error: { code: 503, message: "busy" } };
  const KEY = { type: "error", error: { type: "authentication_error", message: "x" } };
  const lies: [string, Recording, string][] = [
    ["a cut chat", made({ id: "lie", api: "chat_completions" }, { stream: true }, CHAT_CHUNKS[0] ?? ""), "another stream"],
    [
      "a chat without usage",
      made({ id: "lie", api: "chat_completions", usage: CHAT_USAGE }, { stream: true }, CHAT_CHUNKS.toSpliced(2, 1).join("")),
      "metered by counted, though reported",
    ],
    ["a cut response", made({ id: "lie", api: "responses" }, { stream: true }, RESPONSE_STREAM.slice(0, 900)), "another stream"],
    [
      "another usage of a response",
      made({ id: "lie", api: "responses", usage: { ...RESPONSE_USAGE, output_tokens: 5 } }, { stream: true }, RESPONSE_STREAM),
      "metered: 4 output, not 5",
    ],
    ["a response that is none", made({ id: "lie", api: "responses" }, {}, { id: "resp_1", object: "response" }), "status 502"],
    [
      "another usage of a message",
      made({ id: "lie", api: "anthropic_messages", usage: { input_tokens: 3, output_tokens: 8 } }, { stream: true }, CLAUDE_STREAM),
      "metered: 9 output, not 8",
    ],
    [
      "a cut message",
      made({ id: "lie", api: "anthropic_messages" }, { stream: true }, CLAUDE_STREAM.slice(0, CLAUDE_STREAM.indexOf("event: message_delta"))),
      "another stream",
    ],
    ["a count that fails", made({ id: "lie", api: "anthropic_count_tokens" }, {}, KEY, 404), "status 404 became 200, not 502"],
    [
      "another usage of Google's",
      made({ id: "lie", api: "gemini_generate", usage: { ...GEMINI_USAGE, thoughtsTokenCount: 3 }, ...geminiStream({ alt: "sse" }) }, {}, GEMINI_FRAME),
      "metered: 7 output, not 8",
    ],
    [
      "a cut stream of Google's",
      made({ id: "lie", api: "gemini_generate", ...geminiStream({ alt: "sse" }) }, {}, GEMINI_FRAME.replace('"finishReason":"STOP",', "")),
      "another stream",
    ],
    ["a failure in disguise", made({ id: "lie", api: "gemini_generate" }, {}, GOOGLE_BUSY), "status 503"],
    ["a cut chat of Ollama's", made({ id: "lie", api: "ollama_chat" }, {}, OLLAMA_LINES[0] ?? ""), "another stream"],
    [
      "another usage of Ollama's",
      made({ id: "lie", api: "ollama_generate", usage: { ...OLLAMA_USAGE, eval_count: 9 } }, {}, GENERATE_LINES.join("")),
      "metered: 2 output, not 9",
    ],
    ["vectors without a count", made({ id: "lie", api: "ollama_embed" }, { input: "a" }, { embeddings: [[1]] }), "other counts"],
    ["another length", made({ id: "lie", api: "audio", usage: { ...AUDIO_SECONDS, seconds: 8 } }, "a form", { text: "a", usage: AUDIO_SECONDS }), "metered"],
    ["a count that nobody gave", made({ id: "lie", api: "rerank", usage: RANKED.meta }, {}, { results: [] }), "counted, though reported"],
    ["a busy one in disguise", made({ id: "lie", api: "moderations" }, {}, { error: { message: "busy", code: 503 } }), "status 200 became 503"],
  ];
  test.each(lies)("on %s", async (_name, recording, says) => {
    expect(unexplained(await play(OWN_LANES, [recording])).join()).toContain(says);
  });
});

test("each comes through as it was, both ways, and is metered as reported", async () => {
  const outcomes = await play(OWN_LANES, all);
  expect(unexplained(outcomes)).toEqual([]);
  expect(idle(outcomes)).toEqual([]);
  expect(new Set(outcomes.map(({ recording }) => recording)).size).toBe(all.length);
  expect(new Set(outcomes.map(({ lane }) => lane)).size).toBe(OWN_LANES.length);
});

test("however the network cuts it", async () => {
  expect(unexplained(await play(OWN_LANES, MADE.filter(isStreamed), 1))).toEqual([]);
  const streams = all.filter((recording) => recording.core && isStreamed(recording));
  expect(unexplained(await play(OWN_LANES, streams, 7))).toEqual([]);
  expect(streams.length).toBeGreaterThan(8);
});
