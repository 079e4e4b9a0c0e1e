import { LRUCache } from "lru-cache";
import { HASH_START, hashText } from "../hash.ts";

/** Beginnings that are remembered: about eight megabytes. */
const MOST_BEGINNINGS = 65_536;
/** Deployments remembered for one of them, the latest first. */
const MOST_HOLDERS = 8;

/** What is shorter has no beginning worth knowing. Characters. */
export const SHORTEST = 256;
/** Where a text is cut: every so many characters, then ever more seldom, so that a long conversation is few beginnings. Characters. */
const CUTS: readonly { readonly until: number; readonly every: number }[] = [
  { until: 16_384, every: SHORTEST },
  { until: 65_536, every: 1024 },
  { until: 262_144, every: 4096 },
];

/** A text as the beginnings it has, the shortest first. */
export type Path = readonly Beginning[];

interface Beginning {
  /** Of all up to here. */
  readonly hash: number;
  /** Characters. */
  readonly length: number;
}

/** Which deployments have lately been asked what began so, and may still have it in a cache. Only hashes are kept, and never too many. */
export interface PrefixMemory {
  /** The longest known beginning of this, in characters, for each deployment that has one; by its id. */
  recall(path: Path): ReadonlyMap<string, number>;
  remember(path: Path, deployment: string): void;
  readonly size: number;
}

export function prefixMemory(most = MOST_BEGINNINGS): PrefixMemory {
  const holders = new LRUCache<number, readonly string[]>({ max: most });
  return {
    recall(path) {
      const longest = new Map<string, number>();
      for (const { hash, length } of path) {
        const known = holders.peek(hash); // only what is remembered anew stays longer
        if (known === undefined) break;
        for (const deployment of known) longest.set(deployment, length);
      }
      return longest;
    },
    remember(path, deployment) {
      for (const { hash } of path) {
        const known = holders.get(hash);
        if (known?.[0] === deployment) continue;
        holders.set(hash, [deployment, ...(known ?? []).filter((each) => each !== deployment)].slice(0, MOST_HOLDERS));
      }
    },
    get size() {
      return holders.size;
    },
  };
}

/** The beginnings of a text; what begins alike for two models has nothing in common. */
export function pathOf(model: string, text: string): Path {
  const path: Beginning[] = [];
  let hash = hashText(model, HASH_START);
  let length = 0;
  for (const { until, every } of CUTS) {
    for (; length + every <= Math.min(until, text.length); length += every) {
      hash = hashText(text, hash, length, length + every);
      path.push({ hash, length: length + every });
    }
  }
  return path;
}
