import { expect, test } from "bun:test";
import { calcPrice } from "@pydantic/genai-prices";
import { BUILT_IN } from "../../../src/catalog/prices/built-in.ts";
import { builtInTariff } from "../../../src/catalog/prices/price-list.ts";
import { costOf } from "../../../src/ledger/pricing/cost.ts";
import type { JsonObject } from "../../../src/vocabulary/json.ts";
import type { Tariff } from "../../../src/vocabulary/price.ts";
import { promptTokens, usageOf, withUnits } from "../../../src/vocabulary/usage.ts";
import { usagePrices } from "../../recordings/recordings.ts";
import { type PricedUsage, pricedUsages, readByThem, readByUs } from "./priced.ts";

/** The recorded prices are those of the first half of 2026, by day. */
const WHEN = Date.parse("2026-06-01T12:00Z");

/** A few lines as the recorded ones are, for places without those: a plain one, tiers with a search, caches of two ages, audio, tiny parts. */
const SAMPLE: readonly JsonObject[] = [
  sample("claude-sonnet-4-5", { usage: { input_tokens: 2743, output_tokens: 4 } }, { provider_id: "anthropic", api_flavor: "default" }, "0.008289"),
  sample(
    "claude-sonnet-4-5-20250929",
    { usage: { input_tokens: 401468, output_tokens: 792, server_tool_use: { web_search_requests: 10 } } },
    { provider_id: "anthropic", api_flavor: "default" },
    "2.526628",
  ),
  sample(
    "claude-sonnet-4-20250514",
    { usage: { input_tokens: 5, cache_read_input_tokens: 1000, cache_creation_input_tokens: 30, cache_creation: { ephemeral_1h_input_tokens: 10 } } },
    { provider_id: "anthropic", api_flavor: "default" },
    "0.00045",
  ),
  sample(
    "gemini-2.5-flash",
    { usageMetadata: { promptTokenCount: 100, promptTokensDetails: [{ modality: "AUDIO", tokenCount: 40 }], candidatesTokenCount: 3, thoughtsTokenCount: 7 } },
    { provider_id: "google", api_flavor: "default" },
    "0.000083",
  ),
  sample("text-embedding-3-small", { usage: { prompt_tokens: 4 } }, { provider_id: "openai", api_flavor: "embeddings" }, "8e-8"),
];

function sample(model: string, body: JsonObject, extractor: JsonObject, total: string): JsonObject {
  return { model, body, extracted: [{ usage: {}, extractors: [{ ...extractor, input_price: total, output_price: "0" }] }] };
}

test.each(SAMPLE.flatMap(pricedUsages))("%# a sample costs what it must", (priced) => {
  expect(costByUs(priced)).toBe(priced.expected);
});

/** What our readers and our prices make of it. */
function costByUs(priced: PricedUsage): bigint | undefined {
  const tariff = builtInTariff(priced.provider, priced.model);
  const usage = readByUs(priced);
  return tariff && usage && costOf(usage, tariff, WHEN);
}

/** Those that do not cost what was recorded, each for a reason. */
const DIFFERENT: Readonly<Record<string, number>> = {
  // Our readers find cache writes and searches that its extractors did not look for; the prices for them are Azure's and Anthropic's own.
  "azure/responses gpt-5.6-sol: more is counted": 2,
  "azure/chat gpt-5.6-sol: more is counted": 1,
  "azure/anthropic claude-sonnet-4-5-20250929: more is counted": 1,
  "azure/anthropic claude-sonnet-4-20250514: more is counted": 1,
  // Thoughts that only the total tells of; its own API tells, and bills, them as output.
  "google/chat gemini-2.5-pro-preview-05-06: more is counted": 1,
  // Later editions know that long prompts cost more on Vertex too.
  "google/anthropic claude-sonnet-4-5-20250929: as it was without tiers": 1,
  // Later editions know the price, or for how much Azure sells others' models.
  "openrouter/chat openai/gpt-5-mini-2025-08-07: has a price now": 2,
  "cerebras/chat zai-glm-4.7: has a price now": 2,
  "aws/anthropic gpt-5.6-sol: has a price now": 6,
  "azure/chat deepseek-r1-distill-llama-70b: has a price now": 1,
  "azure/embeddings deepseek-r1-distill-llama-70b: has a price now": 1,
  "azure/chat deepseek-v4-flash: has a price now": 1,
  "azure/embeddings deepseek-v4-flash: has a price now": 1,
  "azure/chat deepseek-reasoner: has a price now": 1,
  "azure/embeddings deepseek-reasoner: has a price now": 1,
  // An entry without a price is none to us, and nothing to pay to genai-prices.
  "cerebras/chat qwen-3-coder-480b: nothing says that it is free": 1,
};

test("every recorded price comes out to the nano-dollar", () => {
  const lines = usagePrices();
  const found = { exact: 0, unpriced: 0, different: {} as Record<string, number> };
  const differs = ({ provider, flavor, model }: PricedUsage, why: string) => {
    const name = `${provider}/${flavor} ${model}: ${why}`;
    found.different[name] = (found.different[name] ?? 0) + 1;
  };
  for (const priced of lines.flatMap(pricedUsages)) {
    const tariff = builtInTariff(priced.provider, priced.model);
    const { expected } = priced;
    if (expected !== undefined && costByUs(priced) === expected) found.exact++;
    else if (tariff === undefined && expected === undefined) found.unpriced++;
    else differs(priced, whyDifferent(priced, tariff));
  }
  if (lines.length === 0) return expect(found).toEqual({ exact: 0, unpriced: 0, different: {} });
  console.log(`${lines.length} recorded usages, ${found.exact} prices exact, ${found.unpriced} without a price there and here, others:`, found.different);
  expect(lines).toHaveLength(789);
  expect(found).toEqual({ exact: 1723, unpriced: 7798, different: DIFFERENT });
});

function whyDifferent(priced: PricedUsage, tariff: Tariff | undefined): string {
  if (tariff === undefined) return priced.expected === 0n ? "nothing says that it is free" : "has no price";
  if (priced.expected === undefined) return "has a price now";
  if (costOf(readByThem(priced), tariff, WHEN) === priced.expected) return "more is counted";
  const [{ tiers: _, ...base }] = tariff.prices;
  return costOf(readByThem(priced), { ...tariff, prices: [base] }, WHEN) === priced.expected ? "as it was without tiers" : "another price";
}

test("every built-in price is what genai-prices itself makes of it, at several times", () => {
  const usage = usageOf({ input: 250_007, cacheRead: 1013, cacheWrite5m: 307, cacheWrite1h: 11, output: 977, reasoning: 101, audioInput: 53, imageInput: 59 });
  const all = withUnits(usage, { milliseconds: 7000, webSearches: 3, cacheAudioRead: 13, cacheImageRead: 17 });
  const theirs = {
    input_tokens: promptTokens(all),
    cache_read_tokens: 1013,
    cache_write_tokens: 318,
    cache_write_1h_tokens: 11,
    output_tokens: 977,
    output_reasoning_tokens: 101,
    input_audio_tokens: 66,
    input_image_tokens: 76,
    cache_audio_read_tokens: 13,
    cache_image_read_tokens: 17,
    audio_seconds: 7,
    input_audio_seconds: 7,
    web_searches: 3,
  };
  let compared = 0;
  for (const time of ["2025-06-01T12:00Z", "2026-11-22T03:00Z", "2027-01-02T17:00Z"]) {
    for (const [provider, { models }] of Object.entries(BUILT_IN.providers)) {
      for (const { id } of models) {
        const tariff = builtInTariff(provider, id);
        const price = calcPrice(theirs, id, { providerId: provider, timestamp: new Date(time) });
        if (tariff === undefined || price === null) continue;
        compared++;
        const difference = Number(costOf(all, tariff, Date.parse(time)) ?? 0n) - price.total_price * 1e9;
        expect({ id, apart: Math.abs(difference) > 0.51 }).toEqual({ id, apart: false });
      }
    }
  }
  expect(compared).toBeGreaterThan(4800);
});
