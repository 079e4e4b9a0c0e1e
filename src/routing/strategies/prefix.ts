import type { Option } from "../able/option.ts";
import { callsOf, loadOf } from "./load.ts";
import { type Path, type PrefixMemory, pathOf } from "./prefix-memory.ts";
import type { Reckoning, Strategy } from "./strategy.ts";

/** So many times the calls of the least busy, and so many more, are too many to wait behind for the sake of a warm cache. */
const TIMES_BUSIER = 1.5;
const CALLS_BUSIER = 2;

/** Whoever was asked the most of this prompt before, and so has it in its cache, unless it is far busier than others; else the least busy. */
export function prefix(model: string, memory: PrefixMemory): Strategy {
  let path: Path = [];
  return {
    reckon({ options }, places, { ask: { prompt } }): Reckoning {
      path = prompt === undefined ? [] : pathOf(model, prompt.text());
      const known = memory.recall(path);
      const matched = ({ deployment }: Option) => known.get(deployment.id) ?? 0;
      for (const option of options) places.key[option.index] = loadOf(option);
      const chosen = warmest(options, matched);
      const why =
        chosen === undefined
          ? "the least busy: nobody knows this beginning"
          : isTooBusy(chosen, options)
            ? "the least busy: who knows this beginning is too busy"
            : undefined;
      if (chosen !== undefined && why === undefined) places.key[chosen.index] = -1;
      return {
        first: why ?? "it knows most of this beginning",
        later: "knows less of it, or is busier",
        score: (option) => ({ matched: matched(option), in_flight: option.standing.inFlight }),
      };
    },
    took(first) {
      memory.remember(path, first.deployment.id);
    },
  };
}

/** The longest match; of equals the least busy. */
function warmest(group: readonly Option[], matched: (option: Option) => number): Option | undefined {
  let best: Option | undefined;
  let most = 0;
  for (const option of group) {
    const length = matched(option);
    if (length < most || length === 0) continue;
    if (length === most && best !== undefined && loadOf(option) >= loadOf(best)) continue;
    best = option;
    most = length;
  }
  return best;
}

function isTooBusy(option: Option, group: readonly Option[]): boolean {
  let least = Number.POSITIVE_INFINITY;
  for (const each of group) least = Math.min(least, callsOf(each));
  const calls = callsOf(option);
  return calls > least * TIMES_BUSIER && calls > least + CALLS_BUSIER;
}
