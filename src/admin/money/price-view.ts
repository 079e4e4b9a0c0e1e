import { type DatedPrice, type PriceState, priceAt, priceState, RATE_NAMES, type RateName, type Rates, type Tariff } from "../../vocabulary/price.ts";

/** Our rates in the config's words. */
const WORDS: Readonly<Record<RateName, string>> = {
  input: "input",
  output: "output",
  cacheRead: "cache_read",
  cacheWrite5m: "cache_write",
  cacheWrite1h: "cache_write_1h",
  audioInput: "audio_input",
  audioOutput: "audio_output",
  imageInput: "image_input",
  imageOutput: "image_output",
  cacheAudioRead: "cache_audio_read",
  cacheImageRead: "cache_image_read",
  reasoning: "reasoning",
  citation: "citation",
  request: "per_request",
  image: "per_image",
  character: "per_million_characters",
  search: "per_search",
  webSearch: "per_web_search",
  audioHour: "per_minute_audio",
  gpuSecond: "per_gpu_second",
};
const MINUTES = 60;
const NANO_PER_DOLLAR = 1e9;

/** Who says what something costs; `null`: nobody. */
export type PriceSaid = "model" | "deployment" | "built-in" | null;

/** What something costs now, as management shows it. */
export interface PriceShown {
  /** US dollars, in the config's words; `null`: not known. */
  readonly price: object | null;
  readonly price_state: PriceState;
  readonly price_source: PriceSaid;
  readonly price_version: string | null;
}

/** `own`: whose price it is where it is not built in. */
export function shownTariff(tariff: Tariff | undefined, own: "model" | "deployment", now: number): PriceShown {
  if (tariff === undefined) return { price: null, price_state: "unpriced", price_source: null, price_version: null };
  const price = priceAt(tariff, now);
  return {
    price: shownPrice(price),
    price_state: priceState(tariff, now),
    price_source: tariff.source.from === "built-in" ? "built-in" : own,
    price_version: price.version,
  };
}

/** All prices of a tariff and when each is in force. The last of those in force counts. */
export function shownPrices({ prices }: Tariff): object[] {
  return prices.map((price) => ({
    version: price.version,
    from: price.from === undefined ? null : new Date(price.from).toISOString(),
    daily: price.daily === undefined ? null : { from: timeText(price.daily.from), to: timeText(price.daily.to) },
    price: shownPrice(price),
  }));
}

function shownPrice(price: DatedPrice): object {
  const tiers = price.tiers?.map(({ over, rates }) => ({ over, ...shownRates(rates) }));
  return { ...shownRates(price), ...(tiers === undefined ? {} : { tiers }) };
}

function shownRates(rates: Rates): Record<string, number> {
  const shown: Record<string, number> = {};
  for (const name of RATE_NAMES) {
    const rate = rates[name];
    if (rate !== undefined) shown[WORDS[name]] = (name === "audioHour" ? rate / MINUTES : rate) / NANO_PER_DOLLAR;
  }
  return shown;
}

/** `16:30Z`. */
function timeText(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(11, 16)}Z`;
}
