import { createHash } from "node:crypto";
import { KINDS, type Kind, placesOf } from "./throttle.ts";

/** Where the name of what Redis remembers is kept. Keys of one installation lie on one server of a cluster. */
export const MEMORY_KEY = "{logins}:memory";

/** Nobody's address lies about in Redis, and none is longer than another. */
export const keyOf = (what: Kind | "familiar", place: string): string =>
  `{logins}:${what}:${createHash("sha256").update(place).digest("base64url").slice(0, 22)}`;

/** What a try is counted by in Redis. */
export interface TryKeys {
  readonly familiar: string;
  /** In the order of `KINDS`. */
  readonly places: readonly string[];
}

export function keysOf(network: string, account: string): TryKeys {
  const places = placesOf(network, account);
  return { familiar: keyOf("familiar", places.pair), places: KINDS.map((kind) => keyOf(kind, places[kind])) };
}
