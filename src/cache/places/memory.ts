import { LRUCache } from "lru-cache";
import type { Clock } from "../../vocabulary/clock.ts";
import type { Place } from "./place.ts";

interface Entry {
  readonly bytes: Uint8Array;
  readonly until: number;
}

/** Roughly what an entry takes besides its bytes. */
const ENTRY = 200;

/** This process's own memory: so many bytes of answers, keys included; what was unused for longest goes first. */
export function memoryPlace({ bytes: most, clock }: { readonly bytes: number; readonly clock: Clock }): Place {
  const entries = new LRUCache<string, Entry>({ maxSize: most, sizeCalculation: ({ bytes }, key) => bytes.length + 2 * key.length + ENTRY });
  return {
    async get(key) {
      const entry = entries.get(key);
      if (entry === undefined || clock.now() < entry.until) return entry?.bytes;
      entries.delete(key);
      return undefined;
    },
    async peek(key) {
      const entry = entries.peek(key);
      return entry !== undefined && clock.now() < entry.until ? entry.bytes : undefined;
    },
    async set(key, bytes, milliseconds) {
      entries.set(key, { bytes, until: clock.now() + milliseconds });
    },
    async deleteAll(beginning) {
      let deleted = 0;
      for (const key of [...entries.keys()]) if (key.startsWith(beginning) && entries.delete(key)) deleted++;
      return deleted;
    },
    size: () => ({ entries: entries.size, bytes: entries.calculatedSize }),
  };
}
