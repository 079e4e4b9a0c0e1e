import type { Strategy } from "./strategy.ts";

/** One after the other; weights do not count. */
export function roundRobin(): Strategy {
  const reckoning = { first: "its turn", later: "next in turn", score: () => ({}) };
  return {
    reckon(group, places) {
      for (const { index } of group) places.key[index] = 0;
      return reckoning;
    },
  };
}
