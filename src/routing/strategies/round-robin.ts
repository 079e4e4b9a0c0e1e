import type { Strategy } from "./strategy.ts";

/** One after the other; weights do not count. */
export function roundRobin(): Strategy {
  const reckoning = { first: "its turn", later: "next in turn", score: () => ({}) };
  return {
    reckon({ indexes }, places) {
      for (let at = 0; at < indexes.length; at++) places.key[indexes[at] as number] = 0;
      return reckoning;
    },
  };
}
