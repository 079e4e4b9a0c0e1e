import { usageFromAnthropic } from "../../../src/dialects/anthropic-messages/usage.ts";
import { usageFromGemini } from "../../../src/dialects/gemini/usage.ts";
import { usageFromResponses } from "../../../src/dialects/openai-responses/outbound/usage.ts";
import { usageFromOpenai } from "../../../src/dialects/shared/openai/usage.ts";
import { type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";
import { nanoOf } from "../../../src/vocabulary/money.ts";
import { type Usage, usageOf, withUnits } from "../../../src/vocabulary/usage.ts";

/** One usage as a provider sent it, read by one of genai-prices' extractors, and what that must cost. */
export interface PricedUsage {
  /** As genai-prices calls it. */
  readonly provider: string;
  /** Which of the provider's APIs the extractor takes it for. */
  readonly flavor: string;
  readonly model: string;
  /** The answer's part that tells the usage, as it was sent. */
  readonly body: JsonObject;
  /** What the extractor found there: its own counts. */
  readonly extracted: JsonObject;
  /** Nano-USD; `undefined`: the provider has no price for the model. */
  readonly expected: bigint | undefined;
}

/** A line of `usage-prices.jsonl`, by extractor. */
export function pricedUsages(line: JsonObject): PricedUsage[] {
  return listOf(line["extracted"]).flatMap((group) => {
    const { usage, extractors } = objectOf(group);
    return listOf(extractors).map((extractor) => {
      const { provider_id, api_flavor, total_price, input_price, output_price } = objectOf(extractor);
      // Neither of its parts holds what is billed beside the tokens; the total does, where it is another.
      const parts = [input_price, output_price].flatMap((part) => nanosOf(stringOf(part)));
      const expected = parts.length === 0 ? undefined : roundedHalfUp(stringOf(total_price) === undefined ? parts : nanosOf(stringOf(total_price)));
      const body = objectOf(line["body"]);
      return {
        provider: stringOf(provider_id) ?? "",
        flavor: stringOf(api_flavor) ?? "",
        model: stringOf(line["model"]) ?? "",
        body,
        extracted: objectOf(usage),
        expected,
      };
    });
  });
}

/** A decimal of dollars in millionths of a nano-dollar: prices of parts are finer than what they add up to. */
function nanosOf(dollars: string | undefined): bigint[] {
  const [digits, exponent = "0"] = dollars?.split(/e/i) ?? [];
  const millionths = nanoOf(`${digits ?? ""}e${Number(exponent) + 6}`);
  return millionths === undefined ? [] : [millionths];
}

function roundedHalfUp(millionths: readonly bigint[]): bigint {
  const sum = millionths.reduce((total, part) => total + part, 0n);
  return (sum + 500_000n) / 1_000_000n;
}

const ANTHROPIC_DEFAULTS = ["anthropic", "minimax"];

/** What our readers find; `undefined` where no dialect of ours has such a usage. */
export function readByUs({ provider, flavor, body }: PricedUsage): Usage | undefined {
  const { usage } = body;
  switch (flavor) {
    case "anthropic":
      return usageFromAnthropic(objectOf(usage));
    case "responses":
      return usageFromResponses(usage);
    case "chat":
      return usageFromOpenai(usage);
    case "embeddings":
      // Nothing else is in an answer with vectors; these were answers to chats.
      return usageFromOpenai({ prompt_tokens: objectOf(usage)["prompt_tokens"] });
    case "default":
      if (provider === "google") return usageFromGemini(body["usageMetadata"]);
      return ANTHROPIC_DEFAULTS.includes(provider) ? usageFromAnthropic(objectOf(usage)) : usageFromOpenai(usage);
    default:
      return undefined;
  }
}

/** The extractor's counts as a usage of ours. */
export function readByThem({ extracted }: PricedUsage): Usage {
  const count = (name: string) => numberOf(extracted[`${name}_tokens`]) ?? 0;
  const [cacheRead, cacheWrite1h] = [count("cache_read"), count("cache_write_1h")];
  const usage = usageOf({
    input: count("input") - cacheRead - count("cache_write"),
    cacheRead,
    cacheWrite1h,
    cacheWrite5m: count("cache_write") - cacheWrite1h,
    output: count("output"),
    reasoning: count("output_reasoning"),
    audioInput: count("input_audio") - count("cache_audio_read"),
    imageInput: count("input_image") - count("cache_image_read"),
    audioOutput: count("output_audio"),
  });
  return withUnits(usage, {
    imageOutput: count("output_image"),
    cacheAudioRead: count("cache_audio_read"),
    cacheImageRead: count("cache_image_read"),
    webSearches: numberOf(extracted["web_searches"]),
  });
}
