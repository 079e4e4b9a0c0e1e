import { gateFor } from "../../src/limits/gate.ts";
import { waitAt } from "../../src/limits/waiting.ts";
import { createRouting, type RoutingParts, type RoutingSettings, type RunningRouting } from "../../src/routing/create.ts";
import { systemTimer } from "../../src/vocabulary/timer.ts";

/** Nobody is left alone, unless a test wants it. */
const SETTINGS: RoutingSettings = {
  breaker: { enabled: false, failures: 5, window: 60_000, open: 60_000 },
  outliers: { enabled: false, slower: 4, rest: 30_000 },
  patience: 5000,
};

/** Routing by these settings; without any it finds everybody well at every request, whatever was before. */
export function testRouting(settings: Partial<RoutingSettings> | undefined, parts: Pick<RoutingParts, "instead" | "models" | "clock">): RunningRouting {
  const open = () => createRouting({ ...parts, settings: () => ({ ...SETTINGS, ...settings }), gateFor, waitAt, timer: systemTimer, random: Math.random });
  return settings === undefined ? forgetful(open) : open();
}

function forgetful(open: () => RunningRouting): RunningRouting {
  let now = open();
  return {
    rank(model, ask) {
      now = open();
      return now.rank(model, ask);
    },
    rehearse: (model, ask) => now.rehearse(model, ask),
    enter: (target) => now.enter(target),
    wait: (targets, waiting) => now.wait(targets, waiting),
    get standings() {
      return now.standings;
    },
  };
}
