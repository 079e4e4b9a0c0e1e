import { Failure } from "../vocabulary/failure.ts";
import { looksLikeToken } from "./tokens/shape.ts";

/** Longer ones are refused unread, so that nobody can fill a cache with them. */
const LONGEST = 4096;
/** Tokens with two hundred groups in them. */
const LONGEST_TOKEN = 12 * 1024;

/**
 * The one credential of a request, wherever its client puts it. The same key in two places is fine (Continue sends
 * `Authorization` and `api-key`); an `Authorization` that is not Bearer belongs to some proxy and is passed over.
 * Throws `invalid-key` when there is none, or two that differ.
 */
export function credentialOf(headers: Headers, queryKey?: string): string {
  const authorization = headers.get("authorization");
  let found = authorization === null ? undefined : bearerOf(authorization);
  found = agreeing(found, headers.get("x-api-key"));
  found = agreeing(found, headers.get("api-key"));
  found = agreeing(found, headers.get("x-goog-api-key"));
  found = agreeing(found, queryKey);
  if (found === undefined) throw new Failure("invalid-key", NONE_GIVEN);
  if (found.length > LONGEST) refuseTooLong(found);
  return found;
}

const NONE_GIVEN =
  "No API key was given. Send one as `Authorization: Bearer <key>`, or in x-api-key, api-key or x-goog-api-key. " +
  "Whoever runs this Signalbox makes keys with `signalbox keys create` or in the console; the first admin key is printed once, at the first start.";

function refuseTooLong(credential: string): void {
  const token = credential.length <= 2 * LONGEST_TOKEN && looksLikeToken(credential);
  if (token && credential.length <= LONGEST_TOKEN) return;
  if (token) throw new Failure("invalid-key", `This token is longer than ${LONGEST_TOKEN} characters. Have fewer groups put into it.`);
  throw new Failure("invalid-key", `The API key is longer than ${LONGEST} characters; no key here is.`);
}

function bearerOf(authorization: string): string | undefined {
  if (authorization.startsWith("Bearer ")) return authorization.slice(7).trim() || undefined;
  return /^bearer\s+(.+)$/i.exec(authorization.trim())?.[1]?.trim();
}

function agreeing(found: string | undefined, next: string | null | undefined): string | undefined {
  if (!next) return found;
  if (found !== undefined && found !== next)
    throw new Failure(
      "invalid-key",
      "Two different credentials came with this request. Send only one: in Authorization, x-api-key, api-key or x-goog-api-key.",
    );
  return next;
}
