import { loadScore, placeByLoad } from "../reckoning/load.ts";
import type { Strategy } from "./strategy.ts";

/** Whoever has the least to do; of equals the one who was first longest ago. */
export function leastBusy(): Strategy {
  const reckoning = { first: "the least busy", later: "busier, or later in turn", score: loadScore };
  return {
    reckon(group, places, { calls }) {
      placeByLoad(group, places, calls);
      return reckoning;
    },
  };
}
