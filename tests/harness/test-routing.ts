import { gateFor } from "../../src/limits/gate.ts";
import { waitAt } from "../../src/limits/waiting.ts";
import { createRouting, type RoutingParts, type RoutingSettings, type RunningRouting } from "../../src/routing/create.ts";
import { createRanking } from "../../src/routing/rank.ts";
import type { Standing } from "../../src/routing/standing.ts";
import type { Deployment } from "../../src/vocabulary/deployment.ts";
import { systemTimer } from "../../src/vocabulary/timer.ts";

/** Nobody is left alone, unless a test wants it. */
const SETTINGS: RoutingSettings = {
  breaker: { enabled: false, failures: 5, window: 60_000, open: 60_000 },
  outliers: { enabled: false, slower: 4, rest: 30_000 },
  patience: 5000,
};

/** Routing by these settings; without any everybody is well at every request, whatever was before. */
export function testRouting(settings: Partial<RoutingSettings> | undefined, parts: Pick<RoutingParts, "instead" | "models" | "clock">): RunningRouting {
  const open = () => createRouting({ ...parts, settings: () => ({ ...SETTINGS, ...settings }), gateFor, waitAt, timer: systemTimer, random: Math.random });
  return settings === undefined ? forgetful(open, parts) : open();
}

/** Turns are taken; what became of them is forgotten. */
function forgetful(open: () => RunningRouting, { instead, clock }: Pick<RoutingParts, "instead" | "clock">): RunningRouting {
  const standings = {
    forgotten: 0,
    alarms: 0,
    calls: new Int32Array(1),
    of({ service }: Deployment): Standing {
      const pace = { firstToken: undefined, perToken: undefined, answerTokens: undefined, answers: 0, since: 0 };
      return {
        slot: 0,
        inFlight: 0,
        queued: 0,
        pace,
        hitRate: 0,
        tokenFactor: 1,
        isPlain: true,
        resting: () => undefined,
        usedUp: () => undefined,
        nextKey: () => service.keys[0],
      };
    },
  };
  const ranker = createRanking({ standings, instead, clock, random: Math.random });
  return { ...ranker, enter: (target) => open().enter(target), wait: (targets, waiting) => open().wait(targets, waiting), standings: open().standings };
}
