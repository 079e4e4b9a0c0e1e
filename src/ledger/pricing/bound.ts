import type { Nano } from "../../vocabulary/money.ts";
import { type Price, priceAt, type Rates, type Tariff } from "../../vocabulary/price.ts";
import type { Units } from "../../vocabulary/usage.ts";
import { Bill } from "./bill.ts";
import { addUnits } from "./cost.ts";

/** The most that a request can use. Whole numbers; what is left out is not used. */
export interface AtMost extends Pick<Units, "milliseconds" | "characters" | "images" | "searches" | "webSearches" | "gpuMilliseconds" | "citations"> {
  /** Tokens of the prompt, of whatever kind, cached or not. */
  readonly inputTokens: number;
  /** Tokens of the answer, reasoning, audio and images included. */
  readonly outputTokens: number;
}

/**
 * The most that a request can cost which began at this moment (milliseconds since 1970) and uses no more than this: nano-USD. `costOf` of any such
 * usage is no more, for prompts of any length up to the bound and tokens of the dearest kind. `undefined`: the tariff knows no rate for any of it.
 */
export function boundOf(most: AtMost, tariff: Tariff, when: number): Nano | undefined {
  const price = priceAt(tariff, when);
  const first = price.tiers?.[0];
  if (first === undefined || most.inputTokens <= first.over) return billOf(most, price, price);
  return dearest(most, price);
}

/** A shorter prompt may cost more than the longest, where long ones have lower rates. */
function dearest(most: AtMost, price: Price): Nano | undefined {
  const { tiers = [] } = price;
  let bound = billOf({ ...most, inputTokens: tiers[0]?.over ?? most.inputTokens }, price, price);
  for (const [at, { over, rates }] of tiers.entries()) {
    if (most.inputTokens <= over) break;
    const bill = billOf({ ...most, inputTokens: Math.min(most.inputTokens, tiers[at + 1]?.over ?? most.inputTokens) }, rates, price);
    if (bill !== undefined && (bound === undefined || bill > bound)) bound = bill;
  }
  return bound;
}

function billOf(most: AtMost, rates: Rates, price: Price): Nano | undefined {
  const bill = new Bill();
  bill.addMillions(most.inputTokens, dearestOf(rates, PROMPT_RATES));
  bill.addMillions(most.outputTokens, dearestOf(rates, ANSWER_RATES));
  addUnits(bill, most, rates, price.leastAudio);
  return bill.total(price);
}

const PROMPT_RATES = ["input", "cacheRead", "cacheWrite5m", "cacheWrite1h", "audioInput", "imageInput", "cacheAudioRead", "cacheImageRead"] as const;
const ANSWER_RATES = ["output", "audioOutput", "imageOutput", "reasoning"] as const;

function dearestOf(rates: Rates, names: readonly (keyof Rates)[]): number | undefined {
  let dearest: number | undefined;
  for (const name of names) {
    const rate = rates[name];
    if (rate !== undefined && (dearest === undefined || rate > dearest)) dearest = rate;
  }
  return dearest;
}
