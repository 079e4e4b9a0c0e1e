import type { Strategy } from "./strategy.ts";

/** Smooth weighted round robin (as nginx does it): each gains its weight, the richest goes first and pays the sum. */
export function weighted(deployments: number): Strategy {
  const credit = new Float64Array(deployments);
  return {
    reckon(group, places) {
      let total = 0;
      for (let at = 0; at < group.length; at++) {
        const { index, deployment } = group[at] as (typeof group)[number];
        total += deployment.weight;
        places.key[index] = -((credit[index] as number) + deployment.weight);
        places.second[index] = at;
      }
      return {
        first: "its turn",
        later: "next in turn",
        score: ({ deployment }) => ({ weight: deployment.weight, of: total }),
      };
    },
    took(first, group) {
      let total = 0;
      for (const { index, deployment } of group) {
        total += deployment.weight;
        credit[index] = (credit[index] as number) + deployment.weight;
      }
      credit[first.index] = (credit[first.index] as number) - total;
    },
  };
}
