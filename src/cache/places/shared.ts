import type { Place } from "./place.ts";

/** What the cache needs of a Redis that several gateways share. */
export interface SharedBytes {
  get(key: string): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, milliseconds: number): Promise<void>;
  deleteAll(beginning: string): Promise<number>;
}

/** A place that several gateways share. How much it holds is its own to bound. */
export function sharedPlace(shared: SharedBytes): Place {
  const own = (key: string) => `cache:${key}`;
  return {
    get: (key) => shared.get(own(key)),
    peek: (key) => shared.get(own(key)),
    set: (key, bytes, milliseconds) => shared.set(own(key), bytes, milliseconds),
    deleteAll: (beginning) => shared.deleteAll(own(beginning)),
    size: () => undefined,
  };
}
