/**
 * What is billed, each by its rate: whole nano-USD. The tokens, and `character` (spoken): for a million. `request`, `image` (made), `search`
 * (of a reranker), `webSearch`, `gpuSecond`: for each. `audioHour`: for an hour of audio heard.
 */
export const RATE_NAMES = [
  "input",
  "output",
  "cacheRead",
  "cacheWrite5m",
  "cacheWrite1h",
  "audioInput",
  "audioOutput",
  "imageInput",
  "imageOutput",
  "cacheAudioRead",
  "cacheImageRead",
  "reasoning",
  "citation",
  "request",
  "image",
  "character",
  "search",
  "webSearch",
  "audioHour",
  "gpuSecond",
] as const;
export type RateName = (typeof RATE_NAMES)[number];

/**
 * The rates there are; none are negative, all are safe integers. Tokens without a rate of their own are billed as the wider kind they are part of:
 * `cacheWrite1h` as `cacheWrite5m`, that and `cacheRead` as `input`, audio and images as `input` or `output`, `reasoning` as `output`.
 * What has no rate even so is not billed. No rates at all: free.
 */
export type Rates = { readonly [Name in RateName]?: number };

/** What is in force at one moment. */
export interface Price extends Rates {
  /** Names the price for ever: where it comes from, its edition, and since when it is in force. */
  readonly version: string;
  /** Instead of its own rates, for the whole of a request whose prompt is long; those of the longest prompts last. */
  readonly tiers?: readonly Tier[];
  /** Audio that is shorter is billed as so long. Milliseconds. */
  readonly leastAudio?: number;
}

/** The rates of requests with more prompt tokens than these, however they were served. */
export interface Tier {
  readonly over: number;
  /** All there are, and not only those that differ. */
  readonly rates: Rates;
}

/** A price and when it is in force. */
export interface DatedPrice extends Price {
  /** Since then; absent: always. Milliseconds since 1970. */
  readonly from?: number;
  /** At this time of every day only, in milliseconds after midnight UTC, the end outside; an end before the start is the next day's. */
  readonly daily?: { readonly from: number; readonly to: number };
}

/** Where prices come from. */
export type PriceSource = { readonly from: "config" } | { readonly from: "built-in"; readonly provider: string; readonly model: string };

/** What a model or a deployment costs, at all times. */
export interface Tariff {
  readonly source: PriceSource;
  /** Of the edition that all its prices belong to. */
  readonly version: string;
  /** The last of those in force counts; the first always is. */
  readonly prices: readonly [DatedPrice, ...DatedPrice[]];
  /** Of requests in a batch; absent: the same. */
  readonly batch?: Tariff;
}

/** Known, said to be nothing, or not known: which is never nothing. */
export type PriceState = "known" | "free" | "unpriced";

/** The price in force. Milliseconds since 1970. */
export function priceAt({ prices }: Tariff, when: number): DatedPrice {
  for (let at = prices.length - 1; at > 0; at--) {
    const price = prices[at];
    if (price !== undefined && isInForce(price, when)) return price;
  }
  return prices[0];
}

const DAY = 86_400_000;

function isInForce({ from, daily }: DatedPrice, when: number): boolean {
  if (from !== undefined && when < from) return false;
  if (daily === undefined) return true;
  const time = when % DAY;
  return daily.to < daily.from ? time >= daily.from || time < daily.to : time >= daily.from && time < daily.to;
}

/** Of the price in force. */
export function priceState(tariff: Tariff | undefined, when: number): PriceState {
  if (tariff === undefined) return "unpriced";
  return isFree(priceAt(tariff, when)) ? "free" : "known";
}

/** Does it bill nothing, whatever is used? */
export function isFree(price: Price): boolean {
  return [price, ...(price.tiers ?? []).map(({ rates }) => rates)].every((rates) => RATE_NAMES.every((name) => (rates[name] ?? 0) === 0));
}

/** The rates for a prompt of so many tokens. */
export function ratesFor(price: Price, promptTokens: number): Rates {
  let rates: Rates = price;
  if (price.tiers !== undefined) for (const tier of price.tiers) if (promptTokens > tier.over) rates = tier.rates;
  return rates;
}
