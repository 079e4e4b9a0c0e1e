import { isFree, type Price, priceAt } from "../../vocabulary/price.ts";
import type { Option, Peers } from "../able/option.ts";
import { usualFactor } from "../tokens.ts";
import { expectedAnswer } from "./expected.ts";
import type { Score } from "./score.ts";

/** Who bills up to so many times the least is as cheap. */
export const ALIKE = 1.02;

/** What a deployment bills, as things are. US dollars. */
export interface Rate {
  readonly option: Option;
  /** For a token of the prompt, as much of it read from a cache as lately; for one of the answer; for the request whatever its length. */
  readonly input: number;
  readonly output: number;
  readonly request: number;
  /** Its tokens for each estimated one. */
  readonly factor: number;
}

/** What some deployments bill. */
export interface Rates {
  /** Of those whose price is known. */
  readonly rates: readonly Rate[];
  /** How many tokens their answers have. */
  readonly answer: number;
  /** Where each stands, by `Option.index`, whatever is asked: the cheapest and those alike at 0; absent: it depends on how much is asked and answered. */
  readonly order: Float64Array | undefined;
  /** What that order comes from. */
  score(option: Option): Score;
}

/** At this moment (milliseconds since 1970), for prompts of usual length: the price of very long ones is not looked at. */
export function ratesOf({ options }: Peers, now: number): Rates {
  const usual = usualFactor(options);
  const rates = options.flatMap((option) => rateOf(option, usual, now));
  const scores = new Map<Option, Score>();
  const score = (option: Option): Score => {
    const known = scores.get(option) ?? scoreOf(rates.find((rate) => rate.option === option));
    scores.set(option, known);
    return known;
  };
  return { rates, answer: expectedAnswer(options), order: orderOf(rates, Math.max(...options.map(({ index }) => index)) + 1), score };
}

/** Rates for a million tokens are whole nano-USD. */
const NANO_PER_DOLLAR = 1e9;
const MILLION = 1e6;

/** Whose prompts were never counted is taken to count as the others do. */
function rateOf(option: Option, usual: number, now: number): Rate[] {
  const { tariff, standing } = option;
  const price = tariff && priceAt(tariff, now);
  if (price === undefined || !isPriced(price)) return [];
  const { input = 0, output = 0, cacheRead = input, request = 0 } = price;
  const { hitRate, tokenFactor } = standing;
  const mixed = (input * (1 - hitRate) + cacheRead * hitRate) / NANO_PER_DOLLAR;
  const factor = tokenFactor === 1 ? usual : tokenFactor;
  return [{ option, input: mixed / MILLION, output: output / NANO_PER_DOLLAR / MILLION, request: request / NANO_PER_DOLLAR, factor }];
}

/** Is it known what it bills for tokens or for requests? */
function isPriced(price: Price): boolean {
  return price.input !== undefined || price.output !== undefined || price.request !== undefined || isFree(price);
}

/** In every part of its bill each is at least as dear as the one before, and as cheap as the first in all parts or in none: then no prompt changes their order. */
function orderOf(rates: readonly Rate[], columns: number): Float64Array | undefined {
  const order = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const parts = rates.map(({ option: { index }, input, output, request, factor }) => ({ index, bill: [input * factor, output, request] as const }));
  parts.sort(({ bill: [one, then, last] }, { bill: [other, thenOther, lastOther] }) => one - other || then - thenOther || last - lastOther);
  const least = parts[0]?.bill ?? [0, 0, 0];
  let before = least;
  let place = 0;
  for (const { index, bill } of parts) {
    if (bill.some((part, nth) => part < (before[nth] as number))) return undefined;
    const alike = bill.every((part, nth) => part <= (least[nth] as number) * ALIKE);
    if (!alike && bill.some((part, nth) => part <= (least[nth] as number) * ALIKE && part > 0)) return undefined;
    if (!alike && bill.some((part, nth) => part !== before[nth])) place++;
    order[index] = alike ? 0 : place;
    before = bill;
  }
  return order;
}

function scoreOf(rate: Rate | undefined): Score {
  if (rate === undefined) return {};
  const { input, output, request } = rate;
  const score = { usd_per_m_input: fourDigits(input * 1e6), usd_per_m_output: fourDigits(output * 1e6) };
  return request === 0 ? score : { ...score, usd_per_request: request };
}

/** What is told of a price is as exact as is readable. */
export function fourDigits(usd: number): number {
  return Number(usd.toPrecision(4));
}
