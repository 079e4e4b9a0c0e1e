import type { Peers } from "../able/option.ts";
import { hashText, stirred } from "../hash.ts";
import type { Places } from "../reckoning/places.ts";
import type { Reckoning } from "../strategies/strategy.ts";
import type { StickyKey } from "./sticky-key.ts";

/**
 * Puts those of a tier in an order that is the key's own: every deployment draws for the key, by weight, and the luckiest comes first. Nothing
 * is remembered, replicas agree, and when one goes only what it had moves. https://en.wikipedia.org/wiki/Rendezvous_hashing
 */
export function rendezvous({ of, words }: StickyKey, { options }: Peers, places: Places): Reckoning {
  const key = hashText(words);
  for (const { index, deployment } of options) places.key[index] = -lot(key, deployment.id) * (deployment.weight || 1);
  return { first: `sticky by ${of}`, later: `next by ${of}`, score: ({ deployment: { weight } }) => ({ weight }) };
}

/** Above 0; exponentially distributed when inverted, so that shares are as weights are. */
function lot(key: number, id: string): number {
  const drawn = (stirred(hashText(id, stirred(key))) + 0.5) / 2 ** 32;
  return -1 / Math.log(drawn);
}
