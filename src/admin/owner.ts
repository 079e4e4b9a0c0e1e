import type { Owner } from "../store/requests/request-queries.ts";
import type { Caller } from "../vocabulary/caller.ts";

/** Whose requests are a caller's own: their user's, or else those of the key they ask with. */
export function ownerOf({ userId, keyId }: Caller): Owner {
  return userId === undefined ? { keyId } : { userId };
}
