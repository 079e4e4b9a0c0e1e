import { invalidRequest } from "../../vocabulary/failure.ts";

const HOUR = 3_600;
/** Seconds. */
const LONGEST = 30 * 24 * HOUR;

/** How many entries of a list are wanted. Throws `invalid-request`. */
export function readLimit(query: URLSearchParams, { usual, most }: { readonly usual: number; readonly most: number }): number {
  const written = query.get("limit");
  if (written === null || written === "") return usual;
  const limit = Number(written);
  if (!Number.isInteger(limit) || limit < 1 || limit > most) throw invalidRequest("limit", `limit must be a whole number from 1 to ${most}.`);
  return limit;
}

/** How long a file is to be kept, in milliseconds; `undefined` where nothing is said. Throws `invalid-request`. */
export function readLifetime(anchor: unknown, seconds: unknown, name: string): number | undefined {
  if (anchor === undefined && seconds === undefined) return undefined;
  if (anchor !== "created_at") throw invalidRequest(`${name}.anchor`, `${name}.anchor must be created_at.`);
  const lifetime = Number(seconds);
  if (!Number.isInteger(lifetime) || lifetime < HOUR || lifetime > LONGEST)
    throw invalidRequest(`${name}.seconds`, `${name}.seconds must be a whole number from ${HOUR} to ${LONGEST}.`);
  return lifetime * 1000;
}
