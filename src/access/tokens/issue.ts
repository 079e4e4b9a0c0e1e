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

/** Whom a token is for. */
export interface Bearer extends Pick<UserRow, "id"> {
  /** When they logged in, seconds since 1970, for a token that takes the place of another; absent: now. */
  readonly loggedInAt?: number;
}

/**
 * A token for a user, signed with our secret; `now` is milliseconds since 1970. Its only words are who it is and since when: the rest is looked
 * up when it is used. One that takes the place of another does not outlast the session that began with the login.
 */
export async function issueToken({ id, loggedInAt }: Bearer, settings: JwtSettings, now: number): Promise<IssuedToken> {
  const secret = new TextEncoder().encode(issuingSecret(settings));
  const seconds = Math.floor(now / 1000);
  const usual = settings.expire_minutes * 60;
  const expires_in = loggedInAt === undefined ? usual : Math.min(usual, sessionEnd(loggedInAt, settings) - seconds);
  const access_token = await new SignJWT({ auth_time: loggedInAt ?? seconds })
    .setProtectedHeader({ alg: settings.algorithm, typ: "JWT" })
    .setIssuer(OUR_TOKENS)
    .setSubject(id)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + expires_in)
    .sign(secret);
  return { access_token, token_type: "bearer", expires_in };
}

/** When a session ends that began with a login then; both in seconds since 1970. */
export function sessionEnd(loggedInAt: number, { session }: Pick<JwtSettings, "session">): number {
  return loggedInAt + Math.floor(session / 1000);
}
