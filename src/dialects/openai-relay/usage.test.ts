import { expect, test } from "bun:test";
import type { Json } from "../../vocabulary/json.ts";
import { type Usage, usageOf } from "../../vocabulary/usage.ts";
import { relayUsage } from "./usage.ts";

const TABLE: readonly [what: string, json: Json, usage: Partial<Usage> | undefined][] = [
  ["nothing", {}, undefined],
  ["no object", "text", undefined],
  ["usage without counts", { usage: { cost_in_usd_ticks: 200_000_000 } }, undefined],
  ["counts of the wrong type", { usage: { input_tokens: "7", total_tokens: null } }, undefined],
  [
    "pictures",
    {
      usage: {
        input_tokens: 76,
        input_tokens_details: { image_tokens: 64, text_tokens: 12 },
        output_tokens: 120,
        output_tokens_details: { image_tokens: 120, text_tokens: 0 },
        total_tokens: 196,
      },
    },
    { input: 76, imageInput: 64, output: 120, imageOutput: 120 },
  ],
  ["cached input", { usage: { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 1 } }, { input: 6, cacheRead: 4, output: 1 }],
  ["more cached than was read", { usage: { input_tokens: 3, input_tokens_details: { cached_tokens: 9 } } }, { input: 0, cacheRead: 3 }],
  [
    "a transcription in tokens",
    {
      text: "a",
      usage: { type: "tokens", total_tokens: 182, input_tokens: 37, input_token_details: { text_tokens: 0, audio_tokens: 37 }, output_tokens: 145 },
    },
    { input: 37, audioInput: 37, output: 145 },
  ],
  ["a transcription in seconds", { text: "a", usage: { type: "duration", seconds: 7 } }, { milliseconds: 7000 }],
  ["a transcription measured", { text: "a", duration: 3.7, segments: [] }, { milliseconds: 3700 }],
  ["a transcription measured as text", { text: "a", duration: "8.470000267028809" }, { milliseconds: 8470 }],
  ["a transcription measured and counted", { duration: 3.7, usage: { input_tokens: 37, output_tokens: 145 } }, { input: 37, output: 145, milliseconds: 3700 }],
  [
    "Mistral's, whose prompt is without the audio",
    {
      usage: {
        prompt_audio_seconds: 3,
        prompt_tokens: 5,
        total_tokens: 400,
        completion_tokens: 20,
        prompt_tokens_details: { cached_tokens: 0, audio_tokens: 375 },
      },
    },
    { input: 380, audioInput: 375, output: 20, milliseconds: 3000 },
  ],
  ["a rerank's total", { usage: { total_tokens: 17, cost: 3.4e-7 } }, { input: 17 }],
  ["a rerank's prompt and total", { usage: { prompt_tokens: 17, total_tokens: 17 } }, { input: 17 }],
  ["Cohere's searches", { meta: { api_version: { version: "2" }, billed_units: { search_units: 1 } } }, { searches: 1 }],
  ["Cohere's searches and tokens", { meta: { billed_units: { search_units: 1 }, tokens: { input_tokens: 9 } } }, { input: 9, searches: 1 }],
  ["a total below its parts", { usage: { input_tokens: 5, output_tokens: 5, total_tokens: 1 } }, { input: 5, output: 5 }],
];

test.each(TABLE)("%s", (_what, json, usage) => {
  const found = relayUsage(json);
  if (usage === undefined) expect(found).toBeUndefined();
  else {
    const { milliseconds, characters, images, searches, imageOutput, ...tokens } = usage;
    const units = Object.fromEntries(Object.entries({ milliseconds, characters, images, searches, imageOutput }).filter(([, count]) => count !== undefined));
    expect(found).toEqual({ ...usageOf(tokens), ...units });
  }
});
