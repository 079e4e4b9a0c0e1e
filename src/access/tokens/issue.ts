import { SignJWT } from "jose";
import type { JwtSettings } from "../../config/schema/schema.ts";
import type { UserRow } from "../../store/users/user-row.ts";
import { Failure } from "../../vocabulary/failure.ts";

/** The `iss` of tokens made here. */
export const OUR_TOKENS = "signalbox";

/** A token of ours, as OAuth 2.0 tells of one (RFC 6749, 5.1). */
export interface IssuedToken {
  readonly access_token: string;
  readonly token_type: "bearer";
  /** Seconds. */
  readonly expires_in: number;
}

/** The secret tokens are made with. Throws `not-found` where none is set: there are no tokens to be had then. */
export function issuingSecret({ secret }: Pick<JwtSettings, "secret">): string {
  if (secret !== undefined) return secret;
  throw new Failure(
    "not-found",
    "No tokens are made here. Whoever runs this Signalbox sets auth.jwt.secret (JWT_SECRET_KEY) to 32 random bytes: openssl rand -hex 32.",
  );
}

/** A token for a user, signed with our secret; `now` is milliseconds since 1970. Its only word is who it is: the rest is looked up when it is used. */
export async function issueToken(user: Pick<UserRow, "id">, settings: JwtSettings, now: number): Promise<IssuedToken> {
  const secret = new TextEncoder().encode(issuingSecret(settings));
  const seconds = Math.floor(now / 1000);
  const expires_in = settings.expire_minutes * 60;
  const access_token = await new SignJWT()
    .setProtectedHeader({ alg: settings.algorithm, typ: "JWT" })
    .setIssuer(OUR_TOKENS)
    .setSubject(user.id)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + expires_in)
    .sign(secret);
  return { access_token, token_type: "bearer", expires_in };
}
