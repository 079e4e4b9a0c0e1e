import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Option, Peers } from "../able/option.ts";
import { expectedAnswer } from "../reckoning/expected.ts";
import { lately } from "../reckoning/lately.ts";
import { loadOf } from "../reckoning/load.ts";
import type { Score } from "../reckoning/score.ts";
import { type Random, Urn } from "../reckoning/urn.ts";
import type { Pace } from "../standing.ts";
import type { Reckoning, Strategy } from "./strategy.ts";

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
 * get nearly as much, and nobody is overrun. Who was never measured is taken to be as fast as the fastest. Where only the first few of many
 * are wanted, nobody but the two is looked at.
 */
export function fastest(deployments: readonly Deployment[], random: Random): Strategy {
  const urn = new Urn(
    Float64Array.from(deployments, ({ weight }) => weight),
    random,
  );
  const usually = lately(usualOf);
  return {
    reckon(group, places, { now, most, calls }): Reckoning {
      const { options, indexes } = group;
      const few = most < options.length;
      const usual = usually(group, now);
      const reckon = (option: Option) => {
        places.key[option.index] = expectedTime(option, calls, usual);
      };
      if (few) for (let at = 0; at < indexes.length; at++) places.key[indexes[at] as number] = Number.POSITIVE_INFINITY;
      else for (const option of options) reckon(option);
      const learns = random() < EXPLORING;
      urn.fill(group);
      const [one, other] = twoDrawn(urn, ({ standing: { pace } }) => random() < grownOf(pace, now));
      if (few) for (const option of [one, other]) if (option !== undefined) reckon(option);
      const byLoad = (option: Option) => loadOf(option, calls);
      const tie = few ? undefined : byLoad; // whoever was not drawn is not looked at
      if (learns) {
        const anyone = options[Math.floor(random() * options.length)] as Option;
        places.key[anyone.index] = -1;
        return { first: "to learn: one request in a hundred goes to anyone", later: SLOWER, tie, score: paceScore };
      }
      const faster = one === undefined || other === undefined ? one : places.better(one, other, byLoad);
      if (faster !== undefined) places.key[faster.index] = -1;
      return { first: "the faster of two drawn", later: SLOWER, tie, score: paceScore };
    },
  };
}

const SLOWER = "slower, or not drawn";

/** What one expects of those who have not shown it themselves. */
interface Usual {
  /** Tokens. */
  readonly answer: number;
  /** The fastest's. Milliseconds. */
  readonly firstToken: number;
  readonly perToken: number;
}

function usualOf({ options }: Peers): Usual {
  let firstToken = Number.POSITIVE_INFINITY;
  let perToken = Number.POSITIVE_INFINITY;
  for (const { standing } of options) {
    firstToken = Math.min(firstToken, standing.pace.firstToken ?? firstToken);
    perToken = Math.min(perToken, standing.pace.perToken ?? perToken);
  }
  return { answer: expectedAnswer(options), firstToken: Number.isFinite(firstToken) ? firstToken : 0, perToken: Number.isFinite(perToken) ? perToken : 0 };
}

function expectedTime({ standing, slot, capacity }: Option, calls: Int32Array, usual: Usual): number {
  const { firstToken = usual.firstToken, perToken = usual.perToken } = standing.pace;
  return (firstToken + perToken * usual.answer) * (((calls[slot] as number) + 1) / capacity);
}

/** The first two that are drawn and grown; if nobody is, the first two. */
function twoDrawn(urn: Urn, isGrown: (option: Option) => boolean): readonly [Option?, Option?] {
  const grown: Option[] = [];
  const newborn: Option[] = [];
  while (grown.length < 2) {
    const option = urn.draw();
    if (option === undefined) break;
    (isGrown(option) ? grown : newborn).push(option);
  }
  const [one, other] = grown.length === 0 ? newborn : grown;
  return [one, other];
}

/** The part of the draws it takes part in; 1 and more: all. */
function grownOf({ since, answers }: Pace, now: number): number {
  return Math.max(NEWBORN, (now - since) / GROWN, answers / GROWN_ANSWERS);
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
