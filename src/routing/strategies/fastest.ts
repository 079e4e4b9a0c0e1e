import type { Option } from "../able/option.ts";
import { expectedAnswer } from "./expected.ts";
import { callsOf, loadOf } from "./load.ts";
import type { Random, Reckoning, Score, Strategy } from "./strategy.ts";

/** So much of the traffic goes anywhere, to learn of who became faster. */
const EXPLORING = 0.01;
/** A newcomer takes part in every draw once it is so old in milliseconds, or has answered so often; before that, in as many as it has of either. */
const GROWN = 60_000;
const GROWN_ANSWERS = 100;
/** The part of the draws a newcomer begins with. */
const NEWBORN = 0.1;

/**
 * The faster of two that are drawn by weight, by the time their answer is expected to take, once for each call they have been given already
 * and once more: what was measured before those were given knows nothing of them (Peak EWMA, as Finagle balances). So those nearly as fast
 * get nearly as much, and nobody is overrun. Who was never measured is taken to be as fast as the fastest.
 */
export function fastest(random: Random): Strategy {
  return {
    reckon({ options: group }, places, { now }): Reckoning {
      const answer = expectedAnswer(group);
      const best = bestPace(group);
      for (const option of group) {
        const { firstToken = best.firstToken, perToken = best.perToken } = option.standing.pace;
        places.key[option.index] = (firstToken + perToken * answer) * ((callsOf(option) + 1) / option.capacity);
        places.second[option.index] = loadOf(option);
      }
      if (random() < EXPLORING) {
        const anyone = group[Math.floor(random() * group.length)] as Option;
        places.key[anyone.index] = -1;
        return { first: "to learn: one request in a hundred goes to anyone", later: SLOWER, score: paceScore };
      }
      const pool = group.filter(({ standing }) => isGrown(standing.pace.since, standing.pace.answers, now, random));
      const drawn = pool.length === 0 ? [...group] : pool;
      const [one, other] = [draw(drawn, random), draw(drawn, random)];
      const faster = one === undefined || other === undefined ? one : places.better(one, other);
      if (faster !== undefined) places.key[faster.index] = -1;
      return { first: "the faster of two drawn", later: SLOWER, score: paceScore };
    },
  };
}

const SLOWER = "slower, or not drawn";

function isGrown(since: number, answers: number, now: number, random: Random): boolean {
  const grown = Math.max(NEWBORN, (now - since) / GROWN, answers / GROWN_ANSWERS);
  return grown >= 1 || random() < grown;
}

/** Takes one out, by weight; all are alike where nobody has any. */
function draw(pool: Option[], random: Random): Option | undefined {
  const total = pool.reduce((sum, { deployment }) => sum + deployment.weight, 0);
  let left = random() * (total || pool.length);
  const at = pool.findIndex(({ deployment }) => (left -= total > 0 ? deployment.weight : 1) < 0);
  return pool.splice(at, 1)[0];
}

function bestPace(group: readonly Option[]): { readonly firstToken: number; readonly perToken: number } {
  let firstToken = Number.POSITIVE_INFINITY;
  let perToken = Number.POSITIVE_INFINITY;
  for (const { standing } of group) {
    firstToken = Math.min(firstToken, standing.pace.firstToken ?? firstToken);
    perToken = Math.min(perToken, standing.pace.perToken ?? perToken);
  }
  return { firstToken: Number.isFinite(firstToken) ? firstToken : 0, perToken: Number.isFinite(perToken) ? perToken : 0 };
}

/** To the tenth of a millisecond; what was never measured is not said. */
function paceScore({ standing: { pace, inFlight } }: Option): Score {
  return {
    in_flight: inFlight,
    ...(pace.firstToken === undefined ? {} : { first_token_ms: tenths(pace.firstToken) }),
    ...(pace.perToken === undefined ? {} : { per_token_ms: tenths(pace.perToken) }),
  };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
