import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Strategy } from "./strategy.ts";

/** Smooth weighted round robin (as nginx does it): each gains its weight, the richest goes first and pays the sum. */
export function weighted(deployments: readonly Deployment[]): Strategy {
  const weights = Float64Array.from(deployments, ({ weight }) => weight);
  const credit = new Float64Array(deployments.length);
  let total = 0;
  return {
    reckon({ indexes }, places) {
      total = 0;
      for (let at = 0; at < indexes.length; at++) {
        const index = indexes[at] as number;
        const weight = weights[index] as number;
        total += weight;
        places.key[index] = -((credit[index] as number) + weight);
      }
      const of = total;
      return { first: "its turn", later: "next in turn", tie: ({ index }) => index, score: ({ deployment }) => ({ weight: deployment.weight, of }) };
    },
    took(first, { indexes }) {
      for (let at = 0; at < indexes.length; at++) {
        const index = indexes[at] as number;
        credit[index] = (credit[index] as number) + (weights[index] as number);
      }
      credit[first.index] = (credit[first.index] as number) - total;
    },
  };
}
