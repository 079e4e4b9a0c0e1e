import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Price } from "../../vocabulary/price.ts";
import type { Option, Peers } from "../able/option.ts";
import type { Prompt } from "../ask.ts";
import { correctedTokens } from "../tokens.ts";
import { expectedAnswer } from "./expected.ts";
import { lately } from "./lately.ts";
import { loadOf } from "./load.ts";
import type { Reckoning, Score, Strategy } from "./strategy.ts";

/** Prompt tokens of what nobody has read. */
const USUAL_PROMPT = 1000;
/** Who bills up to so many times the least is as cheap. */
const ALIKE = 1.02;

/** Whoever will bill the least for this request, so far as can be told; of those about as cheap the least busy. Those without a price come last. */
export function cheapest(deployments: readonly Deployment[]): Strategy {
  const ratesOf = lately(({ options }: Peers) => new Rates(options, deployments.length));
  return {
    reckon(group, places, moment): Reckoning {
      const { indexes } = group;
      const { prompt } = moment.ask;
      const rates = ratesOf(group, moment);
      const answer = Math.min(rates.answer, prompt?.answerTokens() ?? rates.answer);
      let least = Number.POSITIVE_INFINITY;
      for (let at = 0; at < indexes.length; at++) {
        const index = indexes[at] as number;
        const usd = rates.bill(index, prompt, answer);
        least = Math.min(least, usd);
        places.key[index] = usd;
      }
      for (let at = 0; at < indexes.length; at++) {
        const index = indexes[at] as number;
        if ((places.key[index] as number) <= least * ALIKE) places.key[index] = least;
      }
      return {
        first: "the cheapest",
        later: "dearer, or busier at the same price",
        tie: loadOf,
        score({ index }): Score {
          const usd = rates.bill(index, prompt, answer);
          return Number.isFinite(usd) ? { usd_per_1k: Number(((usd / Math.max(1, rates.asked(index, prompt) + answer)) * 1000).toPrecision(4)) } : {};
        },
      };
    },
  };
}

/** What some deployments bill, as things are: columns of US dollars by `Option.index`. */
class Rates {
  /** How many tokens their answers have. */
  readonly answer: number;
  readonly #tokenFactor: Float64Array;
  /** For a prompt token, with as much of it read from a cache as lately; for one of the answer; for the request. */
  readonly #asked: Float64Array;
  readonly #answered: Float64Array;
  readonly #request: Float64Array;

  constructor(options: readonly Option[], deployments: number) {
    this.answer = expectedAnswer(options);
    this.#tokenFactor = new Float64Array(deployments);
    this.#asked = new Float64Array(deployments);
    this.#answered = new Float64Array(deployments);
    this.#request = new Float64Array(deployments);
    for (const { index, price, standing } of options) {
      const { input = 0, output = 0, cacheRead = input, perRequest = 0 } = price ?? {};
      const { hitRate } = standing;
      this.#tokenFactor[index] = standing.tokenFactor;
      this.#asked[index] = (input * (1 - hitRate) + cacheRead * hitRate) / 1e6;
      this.#answered[index] = output / 1e6;
      this.#request[index] = isPriced(price) ? perRequest : Number.POSITIVE_INFINITY;
    }
  }

  /** How many tokens it takes the prompt to have. */
  asked(index: number, prompt: Prompt | undefined): number {
    return prompt === undefined ? USUAL_PROMPT : correctedTokens(prompt, this.#tokenFactor[index] as number);
  }

  /** Infinite where nothing is known of its price. */
  bill(index: number, prompt: Prompt | undefined, answer: number): number {
    return this.asked(index, prompt) * (this.#asked[index] as number) + answer * (this.#answered[index] as number) + (this.#request[index] as number);
  }
}

function isPriced(price: Price | undefined): boolean {
  return price?.input !== undefined || price?.output !== undefined || price?.perRequest !== undefined;
}
