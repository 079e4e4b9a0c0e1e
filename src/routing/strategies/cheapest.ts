import type { Clock } from "../../vocabulary/clock.ts";
import type { Option } from "../able/option.ts";
import type { Prompt } from "../ask.ts";
import { lately } from "../reckoning/lately.ts";
import { loadOf } from "../reckoning/load.ts";
import type { Places } from "../reckoning/places.ts";
import { ALIKE, fourDigits, type Rate, type Rates, ratesOf } from "../reckoning/rates.ts";
import type { Score } from "../reckoning/score.ts";
import { correctedTokens } from "../tokens.ts";
import type { Reckoning, Strategy } from "./strategy.ts";

/** Prompt tokens of what nobody has read. */
const USUAL_PROMPT = 1000;

/**
 * Whoever will bill the least for this request, so far as can be told; of those about as cheap the least busy. Those without a price come last.
 * The prompt is read only where the order depends on it.
 */
export function cheapest(clock: Pick<Clock, "now">): Strategy {
  const lateRates = lately((peers) => ratesOf(peers, clock.now()));
  return {
    reckon(group, places, { ask: { prompt }, now, calls }): Reckoning {
      const rates = lateRates(group, now);
      const { order } = rates;
      const { indexes } = group;
      for (let at = 0; at < indexes.length; at++) {
        const index = indexes[at] as number;
        places.key[index] = order === undefined ? Number.POSITIVE_INFINITY : (order[index] as number);
      }
      const score = order === undefined ? byBills(rates, prompt, places) : rates.score;
      return { first: "the cheapest", later: "dearer, or busier at the same price", tie: (option) => loadOf(option, calls), score };
    },
  };
}

/** What each bills for this very request. */
function byBills({ rates, answer }: Rates, prompt: Prompt | undefined, places: Places): (option: Option) => Score {
  const answered = Math.min(answer, prompt?.answerTokens() ?? answer);
  const asked = ({ factor }: Rate) => (prompt === undefined ? USUAL_PROMPT : correctedTokens(prompt, factor));
  const billOf = (rate: Rate) => asked(rate) * rate.input + answered * rate.output + rate.request;
  let least = Number.POSITIVE_INFINITY;
  for (const rate of rates) {
    const usd = billOf(rate);
    least = Math.min(least, usd);
    places.key[rate.option.index] = usd;
  }
  for (const { option } of rates) if ((places.key[option.index] as number) <= least * ALIKE) places.key[option.index] = least;
  return (option): Score => {
    const rate = rates.find((each) => each.option === option);
    return rate === undefined ? {} : { usd_per_1k: fourDigits((billOf(rate) / Math.max(1, asked(rate) + answered)) * 1000) };
  };
}
