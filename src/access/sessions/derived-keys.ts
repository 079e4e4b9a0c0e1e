import { hkdfSync } from "node:crypto";

/** What keys are for. Each has its own, so that what one made is never taken for what another did. */
export type Purpose = "session" | "login";

/** A key of 32 bytes for one purpose, from the one secret: the same in every gateway that has it, and no way back to it. */
export function derivedKey(secret: string, purpose: Purpose): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, "signalbox", purpose, 32));
}
