import { loadOf, loadScore } from "./load.ts";
import type { Strategy } from "./strategy.ts";

/** Whoever has the least to do; of equals the one who was first longest ago. */
export function leastBusy(): Strategy {
  const reckoning = { first: "the least busy", later: "busier, or later in turn", score: loadScore };
  return {
    reckon({ options }, places) {
      for (const option of options) places.key[option.index] = loadOf(option);
      return reckoning;
    },
  };
}
