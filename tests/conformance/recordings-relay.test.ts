import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../src/vocabulary/json.ts";
import { type Recording, recordings } from "../recordings/recordings.ts";
import { unexplained } from "./recorded/decisions.ts";
import { isRelayed, playRelays } from "./recorded/relays.ts";

/** Real answers to what is passed on as it is, and to forms with files. */
const made = (id: string, api: string, path: string, request: Json, body: Json, usage: JsonObject | null = null, status = 200): Recording => ({
  id: `made/${id}`,
  core: true,
  provider: "openai-compatible",
  api,
  model: "m",
  fidelity: "wire",
  stream: typeof body === "string" ? "sse" : false,
  features: [],
  finish: [],
  usage,
  request: { method: "POST", path, headers: {}, body: request },
  response: { status, headers: {}, body },
});

const SECONDS = { type: "duration", seconds: 7 };
const TOKENS = { type: "tokens", total_tokens: 49, input_tokens: 37, input_token_details: { text_tokens: 0, audio_tokens: 37 }, output_tokens: 12 };
const EVENTS = `data: {"type":"transcript.text.delta","delta":"Łódź"}\r\n\r\ndata: ${JSON.stringify({ type: "transcript.text.done", text: "Łódź", usage: TOKENS })}\r\n\r\n`;
const PICTURE = { created: 1, data: [{ b64_json: "aQ==" }], usage: { input_tokens: 76, output_tokens: 120, total_tokens: 196 } };
const RANKED = { id: "r", results: [{ index: 0, relevance_score: 0.5 }], meta: { billed_units: { search_units: 1 } } };
const REFUSED = { error: { message: "Unknown parameter: 'quality'.", type: "invalid_request_error", param: "quality", code: "unknown_parameter" } };

const HAND_MADE: readonly Recording[] = [
  made("seconds", "audio", "/v1/audio/transcriptions", "a form", { text: "Łódź", usage: SECONDS }, SECONDS),
  made("events", "audio", "/v1/audio/transcriptions", "a form", EVENTS, TOKENS),
  made("picture", "images", "/v1/images/generations", { model: "m", prompt: "a" }, PICTURE, PICTURE.usage),
  made("urls", "images", "/v1/images/generations", { model: "m", prompt: "a" }, { data: [{ url: "https://x/1" }, { url: "https://x/2" }] }),
  made("refused", "images", "/v1/images/generations", { model: "m", quality: "odd" }, REFUSED, null, 400),
  made("ranked", "rerank", "/v2/rerank", { model: "m", query: "q", documents: ["a"] }, RANKED, RANKED.meta),
  made("kind", "moderations", "/v1/moderations", { model: "m", input: "words" }, { id: "modr", model: "m", results: [{ flagged: false }] }),
];

describe("the checks themselves bite", () => {
  const lies: [string, Recording, string][] = [
    ["another length", made("lie", "audio", "/v1/audio/translations", "a form", { text: "a", usage: SECONDS }, { ...SECONDS, seconds: 8 }), "metered"],
    ["a count that nobody gave", made("lie", "rerank", "/v1/rerank", { model: "m" }, { results: [] }, RANKED.meta), "counted, though reported"],
    [
      "a failure in disguise",
      made("lie", "moderations", "/v1/moderations", { model: "m" }, { error: { message: "busy", code: 503 } }),
      "status 200 became 503",
    ],
  ];
  test.each(lies)("on %s", async (_name, recording, says) => {
    expect(unexplained(await playRelays([recording])).join()).toContain(says);
  });
});

describe("recorded answers, passed on", () => {
  const all = [...HAND_MADE, ...recordings().filter(isRelayed)];

  test("are what they were, and metered as reported", async () => {
    const outcomes = await playRelays(all);
    expect(unexplained(outcomes)).toEqual([]);
    expect(outcomes.length).toBe(all.length);
  });

  test("however the network cuts them", async () => {
    const small = all.filter(({ core, stream }) => core || stream !== false);
    for (const bytes of [1, 7]) expect(unexplained(await playRelays(small, bytes))).toEqual([]);
  });
});
