import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Option, Peers } from "../able/option.ts";
import { loadOf, placeByLoad } from "../reckoning/load.ts";
import { type Path, type PrefixMemory, pathOf, SHORTEST } from "../reckoning/prefix-memory.ts";
import type { Reckoning, Strategy } from "./strategy.ts";

/** So many times the calls of the least busy, and so many more, are too many to wait behind for the sake of a warm cache. */
const TIMES_BUSIER = 1.5;
const CALLS_BUSIER = 2;

/** Whoever was asked the most of this prompt before, and so has it in its cache, unless it is far busier than others; else the least busy. */
export function prefix(model: string, deployments: readonly Deployment[], memory: PrefixMemory): Strategy {
  const indexes = new Map(deployments.map(({ id }, index) => [id, index]));
  let path: Path = [];
  return {
    reckon(group, places, { ask: { prompt }, calls }): Reckoning {
      // No text is longer than its bytes: what is too short to be remembered is not read.
      path = prompt === undefined || prompt.bytes < SHORTEST ? [] : pathOf(model, prompt.text());
      const known = memory.recall(path);
      placeByLoad(group, places, calls);
      const chosen = warmest(group, known, indexes, calls);
      const why =
        chosen === undefined
          ? "the least busy: nobody knows this beginning"
          : isTooBusy(chosen, group, calls)
            ? "the least busy: who knows this beginning is too busy"
            : undefined;
      if (chosen !== undefined && why === undefined) places.key[chosen.index] = -1;
      return {
        first: why ?? "it knows most of this beginning",
        later: "knows less of it, or is busier",
        score: ({ deployment, standing }) => ({ matched: known.get(deployment.id) ?? 0, in_flight: standing.inFlight }),
      };
    },
    took(first) {
      memory.remember(path, first.deployment.id);
    },
  };
}

/** Of those who know a beginning, who knows the longest; of equals the least busy. Who knows none is not looked at: most do not. */
function warmest({ options, indexes }: Peers, known: ReadonlyMap<string, number>, indexOf: ReadonlyMap<string, number>, calls: Int32Array): Option | undefined {
  let best: Option | undefined;
  let most = 0;
  for (const [id, length] of known) {
    const option = options[indexes.indexOf(indexOf.get(id) ?? -1)];
    if (option === undefined || length < most) continue;
    if (length === most && best !== undefined && loadOf(option, calls) >= loadOf(best, calls)) continue;
    best = option;
    most = length;
  }
  return best;
}

function isTooBusy({ slot }: Option, { slots }: Peers, calls: Int32Array): boolean {
  let least = Number.POSITIVE_INFINITY;
  for (let at = 0; at < slots.length; at++) least = Math.min(least, calls[slots[at] as number] as number);
  const own = calls[slot] as number;
  return own > least * TIMES_BUSIER && own > least + CALLS_BUSIER;
}
