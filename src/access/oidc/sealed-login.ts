import { EncryptJWT, jwtDecrypt } from "jose";
import type { Clock } from "../../vocabulary/clock.ts";
import { stringOf } from "../../vocabulary/json.ts";

/** A login that was begun: what its end must match. */
export interface BegunLogin {
  readonly state: string;
  readonly nonce: string;
  /** PKCE's code verifier (RFC 7636). */
  readonly verifier: string;
  /** Where to go afterwards; one of our own paths. */
  readonly returnTo: string;
}

/** How long somebody may take to log in at their provider. Seconds. */
export const LOGIN_LIFETIME = 600;

/** A begun login as text for a cookie: nobody but us can read or write it, and whichever gateway sees its end has all of it. */
export function sealed({ state, nonce, verifier, returnTo }: BegunLogin, key: Uint8Array, clock: Clock): Promise<string> {
  return new EncryptJWT({ state, nonce, verifier, returnTo })
    .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
    .setExpirationTime(Math.floor(clock.now() / 1000) + LOGIN_LIFETIME)
    .encrypt(key);
}

/** The login that was sealed; `undefined` when it is not ours, was changed, or took too long. */
export async function unsealed(text: string, key: Uint8Array, clock: Clock): Promise<BegunLogin | undefined> {
  try {
    const { payload } = await jwtDecrypt(text, key, {
      keyManagementAlgorithms: ["dir"],
      contentEncryptionAlgorithms: ["A256GCM"],
      currentDate: new Date(clock.now()),
      requiredClaims: ["exp"],
    });
    const [state, nonce, verifier, returnTo] = [payload["state"], payload["nonce"], payload["verifier"], payload["returnTo"]].map(stringOf);
    if (state === undefined || nonce === undefined || verifier === undefined || returnTo === undefined) return undefined;
    return { state, nonce, verifier, returnTo };
  } catch {
    return undefined;
  }
}
