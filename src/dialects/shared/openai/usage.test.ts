import { expect, test } from "bun:test";
import fc from "fast-check";
import { promptTokens, type Usage, usageOf, withUnits } from "../../../vocabulary/usage.ts";
import { usageFromOpenai, usageToOpenai } from "./usage.ts";

test.each<[string, unknown, Partial<Usage> | undefined]>([
  ["plain", { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 }, { input: 5, output: 7 }],
  [
    "cached tokens are part of the prompt",
    { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 4 } },
    { input: 6, cacheRead: 4, output: 1 },
  ],
  [
    "DeepSeek's own words",
    { prompt_tokens: 10, prompt_cache_hit_tokens: 4, prompt_cache_miss_tokens: 6, completion_tokens: 1 },
    { input: 6, cacheRead: 4, output: 1 },
  ],
  [
    "written to the cache",
    { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cache_write_tokens: 3 } },
    { input: 7, cacheWrite5m: 3, output: 1 },
  ],
  [
    "reasoning is part of the output",
    { prompt_tokens: 1, completion_tokens: 9, total_tokens: 10, completion_tokens_details: { reasoning_tokens: 6 } },
    { input: 1, output: 9, reasoning: 6 },
  ],
  [
    "xAI adds it on top",
    { prompt_tokens: 1, completion_tokens: 9, total_tokens: 16, completion_tokens_details: { reasoning_tokens: 6 } },
    { input: 1, output: 15, reasoning: 6 },
  ],
  [
    "Perplexity adds it on top and bills what it found apart",
    { prompt_tokens: 33, completion_tokens: 71, total_tokens: 104, reasoning_tokens: 739, citation_tokens: 200, num_search_queries: 18 },
    { input: 33, output: 810, reasoning: 739, citations: 200, webSearches: 18 },
  ],
  ["Gemini's thoughts are in the total alone", { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 }, { input: 35, output: 74, reasoning: 62 }],
  [
    "Mistral leaves audio out of its prompt",
    { prompt_tokens: 9, completion_tokens: 201, total_tokens: 585, prompt_tokens_details: { audio_tokens: 375 } },
    { input: 384, output: 201, audioInput: 375 },
  ],
  [
    "images that were cached are no part of the input",
    { prompt_tokens: 504, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 370, image_tokens: 256 } },
    { input: 134, cacheRead: 370, output: 1, imageInput: 134 },
  ],
  [
    "audio",
    { prompt_tokens: 9, completion_tokens: 8, prompt_tokens_details: { audio_tokens: 2 }, completion_tokens_details: { audio_tokens: 3 } },
    { input: 9, output: 8, audioInput: 2, audioOutput: 3 },
  ],
  ["null details", { prompt_tokens: 5, completion_tokens: 7, prompt_tokens_details: null, completion_tokens_details: null }, { input: 5, output: 7 }],
  ["embeddings have no output", { prompt_tokens: 5, total_tokens: 5 }, { input: 5 }],
  ["counts that cannot be", { prompt_tokens: -5, completion_tokens: Number.NaN }, {}],
  [
    "more cached than sent, as Azure's Grok says",
    { prompt_tokens: 5, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 9 } },
    { input: 0, cacheRead: 5, output: 1 },
  ],
  ["null", null, undefined],
  ["an empty object", {}, undefined],
  ["a list", [1], undefined],
])("%s", (_name, json, counts) => {
  const { citations, webSearches, ...tokens } = counts ?? {};
  expect(usageFromOpenai(json)).toEqual(counts === undefined ? undefined : withUnits(usageOf(tokens), { citations, webSearches }));
});

test("what a cache gave and took is said in both ways, and not when there is none", () => {
  expect(usageToOpenai(usageOf({ input: 1, cacheRead: 4, cacheWrite5m: 2, cacheWrite1h: 1, output: 5 }))).toEqual({
    prompt_tokens: 8,
    completion_tokens: 5,
    total_tokens: 13,
    prompt_tokens_details: { cached_tokens: 4, audio_tokens: 0, cache_write_tokens: 3 },
    completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    cache_read_input_tokens: 4,
    cache_creation_input_tokens: 3,
  });
  expect(Object.keys(usageToOpenai(usageOf({ input: 1, output: 5 }))).filter((name) => name.startsWith("cache_"))).toEqual([]);
});

test("our record written and read again has the same sums", () => {
  const count = fc.nat(100_000);
  fc.assert(
    fc.property(fc.record({ input: count, cacheRead: count, cacheWrite5m: count, cacheWrite1h: count, output: count }), (counts) => {
      const usage = usageOf(counts);
      const written = usageToOpenai(usage);
      expect(written).toMatchObject({ prompt_tokens: promptTokens(usage), completion_tokens: usage.output, total_tokens: promptTokens(usage) + usage.output });
      const read = usageFromOpenai(written);
      expect(read).toMatchObject({
        input: usage.input,
        cacheRead: usage.cacheRead,
        cacheWrite5m: usage.cacheWrite5m + usage.cacheWrite1h,
        output: usage.output,
      });
    }),
  );
});
