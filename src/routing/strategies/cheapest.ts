import type { Price } from "../../vocabulary/price.ts";
import type { Option } from "../able/option.ts";
import { correctedTokens } from "../tokens.ts";
import { expectedAnswer } from "./expected.ts";
import { loadOf } from "./load.ts";
import type { Reckoning, Score, Strategy } from "./strategy.ts";

/** Prompt tokens of what nobody has read. */
const USUAL_PROMPT = 1000;
/** Who bills up to so many times the least is as cheap. */
const ALIKE = 1.02;

/** Whoever will bill the least for this request, so far as can be told; of those about as cheap the least busy. Those without a price come last. */
export function cheapest(): Strategy {
  return {
    reckon({ options }, places, { ask: { prompt } }): Reckoning {
      const usual = expectedAnswer(options);
      const answer = Math.min(usual, prompt?.answerTokens() ?? usual);
      const asked = ({ standing }: Option) => (prompt === undefined ? USUAL_PROMPT : correctedTokens(prompt, standing.tokenFactor));
      const bill = (option: Option) => (isPriced(option.price) ? billOf(option.price, asked(option), answer, option.standing.hitRate) : undefined);
      let least = Number.POSITIVE_INFINITY;
      for (const option of options) {
        const usd = bill(option) ?? Number.POSITIVE_INFINITY;
        least = Math.min(least, usd);
        places.key[option.index] = usd;
        places.second[option.index] = loadOf(option);
      }
      for (const { index } of options) if ((places.key[index] as number) <= least * ALIKE) places.key[index] = least;
      return {
        first: "the cheapest",
        later: "dearer, or busier at the same price",
        score(option): Score {
          const usd = bill(option);
          return usd === undefined ? {} : { usd_per_1k: Number(((usd / Math.max(1, asked(option) + answer)) * 1000).toPrecision(4)) };
        },
      };
    },
  };
}

function isPriced(price: Price | undefined): price is Price {
  return price?.input !== undefined || price?.output !== undefined || price?.perRequest !== undefined;
}

/** USD. */
function billOf({ input = 0, output = 0, cacheRead = input, perRequest = 0 }: Price, asked: number, answer: number, hitRate: number): number {
  return (asked * (input * (1 - hitRate) + cacheRead * hitRate) + answer * output) / 1e6 + perRequest;
}
