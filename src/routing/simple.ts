import { type Clock, systemClock } from "../vocabulary/clock.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import { Failure } from "../vocabulary/failure.ts";
import { createRanking, type Instead } from "./rank.ts";
import type { Routing, Seat } from "./routing.ts";
import type { Standing, Standings } from "./standing.ts";

/** Routing where everybody is always well and has seats for all. */
export function routing(instead: Instead, clock: Clock = systemClock): Routing {
  const { rank } = createRanking({ standings: alwaysWell(), instead, clock, random: Math.random });
  return {
    rank,
    enter: (target): Seat => ({ target, heard: () => {}, answered: () => {}, finished: () => {}, failed: () => {}, leave: () => {} }),
    wait: () => Promise.reject(new Failure("full", "Every deployment of this model is full.")),
  };
}

function alwaysWell(): Standings {
  const pace = { firstToken: undefined, perToken: undefined, answerTokens: undefined, answers: 0, since: 0 };
  const standing = ({ service }: Deployment): Standing => ({
    inFlight: 0,
    queued: 0,
    pace,
    hitRate: 0,
    tokenFactor: 1,
    resting: () => undefined,
    nextKey: () => service.keys[0],
  });
  return { of: standing };
}
