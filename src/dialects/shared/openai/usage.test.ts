import { expect, test } from "bun:test";
import fc from "fast-check";
import { promptTokens, type Usage, usageOf } from "../../../vocabulary/usage.ts";
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
  expect(usageFromOpenai(json)).toEqual(counts === undefined ? undefined : usageOf(counts));
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
