import { createHash } from "node:crypto";
import { dividedHalfUp, type Nano, nanoOf } from "../../vocabulary/money.ts";
import { type DatedPrice, RATE_NAMES, type RateName, type Rates, type Tariff, type Tier } from "../../vocabulary/price.ts";
import type { PriceSettings, RateSettings } from "../schema/price.ts";

/** The config's words in ours, and how many of theirs make one of ours. */
const RATES: Readonly<Record<keyof RateSettings, readonly [rate: RateName, times: bigint]>> = {
  input: ["input", 1n],
  output: ["output", 1n],
  cache_read: ["cacheRead", 1n],
  cache_write: ["cacheWrite5m", 1n],
  cache_write_1h: ["cacheWrite1h", 1n],
  audio_input: ["audioInput", 1n],
  audio_output: ["audioOutput", 1n],
  image_input: ["imageInput", 1n],
  image_output: ["imageOutput", 1n],
  cache_audio_read: ["cacheAudioRead", 1n],
  cache_image_read: ["cacheImageRead", 1n],
  reasoning: ["reasoning", 1n],
  per_request: ["request", 1n],
  per_image: ["image", 1n],
  per_million_characters: ["character", 1n],
  per_minute_audio: ["audioHour", 60n],
  per_search: ["search", 1n],
  per_web_search: ["webSearch", 1n],
  per_gpu_second: ["gpuSecond", 1n],
};

/** What the config says of a price; `undefined` where it says nothing. */
export function tariffOf(price: PriceSettings | "free" | undefined): Tariff | undefined {
  if (price === undefined) return undefined;
  const version = `config ${createHash("sha256").update(JSON.stringify(price)).digest("hex").slice(0, 12)}`;
  if (price === "free") return { source: { from: "config" }, version, prices: [{ version }] };
  const { batch, ...usual } = price;
  const tariff: Tariff = { source: { from: "config" }, version, prices: pricesOf(usual, version) };
  const factor = batch === undefined ? undefined : nanoOf(batch);
  return factor === undefined ? tariff : { ...tariff, batch: inBatch(tariff, factor) };
}

function pricesOf({ changes = [], ...first }: PriceSettings, version: string): Tariff["prices"] {
  let rates = ratesOf(first);
  let { tiers = [] } = first;
  const prices: [DatedPrice, ...DatedPrice[]] = [{ version, ...rates, ...tiersOf(tiers, rates) }];
  for (const { from, ...change } of changes) {
    rates = { ...rates, ...ratesOf(change) };
    tiers = change.tiers ?? tiers;
    prices.push({ version: `${version} from ${from}`, from: Date.parse(from), ...rates, ...tiersOf(tiers, rates) });
  }
  return prices;
}

function tiersOf(tiers: NonNullable<PriceSettings["tiers"]>, base: Rates): { readonly tiers?: readonly Tier[] } {
  let rates = base;
  const made = tiers.map(({ over, ...tier }): Tier => {
    rates = { ...rates, ...ratesOf(tier) };
    return { over, rates };
  });
  return made.length === 0 ? {} : { tiers: made };
}

function ratesOf(settings: RateSettings): Rates {
  const rates: { [Name in RateName]?: number } = {};
  for (const [name, [rate, times]] of Object.entries(RATES) as [keyof RateSettings, (typeof RATES)[keyof RateSettings]][]) {
    const nano = nanoOf(settings[name] ?? "");
    if (nano !== undefined) rates[rate] = Number(nano * times);
  }
  return rates;
}

/** The same tariff at a part of its rates, in billionths. */
function inBatch({ batch: _, prices: [first, ...rest], ...tariff }: Tariff, factor: Nano): Tariff {
  const cheaper = (price: DatedPrice): DatedPrice => ({
    ...price,
    ...scaled(price, factor),
    version: `${price.version} in a batch`,
    ...(price.tiers === undefined ? {} : { tiers: price.tiers.map(({ over, rates }) => ({ over, rates: scaled(rates, factor) })) }),
  });
  return { ...tariff, prices: [cheaper(first), ...rest.map(cheaper)] };
}

function scaled(rates: Rates, factor: Nano): Rates {
  const all: { [Name in RateName]?: number } = {};
  for (const name of RATE_NAMES) {
    const rate = rates[name];
    if (rate !== undefined) all[name] = Number(dividedHalfUp(BigInt(rate) * factor, 1_000_000_000n));
  }
  return all;
}
