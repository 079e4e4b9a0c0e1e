import { jwtVerify } from "jose";
import type { Behalf } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { stringOf } from "../vocabulary/json.ts";

/** Open WebUI's header of one signed token in place of the others: https://docs.openwebui.com/reference/env-configuration, `FORWARD_USER_INFO_HEADER_JWT_SECRET`. */
const SIGNED = "x-openwebui-user-jwt";

const EMAIL = "x-openwebui-user-email";

/** Who asks, the most exact first: our own name for clients whose headers can be chosen (LibreChat), and Open WebUI's. */
const END_USER = ["x-signalbox-user", "x-openwebui-user-id", EMAIL];

/** Which conversation it is: ours, then as Claude Code, Codex, opencode and Open WebUI call it. */
const SESSION = ["x-signalbox-session", "x-claude-code-session-id", "session-id", "session_id", "x-session-id", "x-openwebui-chat-id"];

/** No id is longer; what is, is cut. Characters. */
const LONGEST = 256;

/**
 * On whose behalf a caller asks who is believed to say so. With a secret the end user comes from a token signed with it and from nowhere
 * else. Rejects with `invalid-key` for a token that does not verify: an unsure user is none to bill.
 */
export function behalfOf(headers: Headers, secret: string | undefined): Behalf | Promise<Behalf> {
  const session = firstOf(headers, SESSION);
  if (secret === undefined) return { endUser: firstOf(headers, END_USER), email: firstOf(headers, [EMAIL]), session };
  const token = headers.get(SIGNED);
  return token === null ? { session } : signedUser(token, secret).then((user) => ({ ...user, session }));
}

function firstOf(headers: Headers, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = headers.get(name)?.trim();
    if (value) return plain(value);
  }
  return undefined;
}

/** Open WebUI percent-encodes what headers cannot hold. */
function plain(value: string): string {
  try {
    return decodeURIComponent(value).slice(0, LONGEST);
  } catch {
    return value.slice(0, LONGEST);
  }
}

async function signedUser(token: string, secret: string): Promise<Pick<Behalf, "endUser" | "email">> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), { algorithms: ["HS256"], issuer: "open-webui" });
    const email = stringOf(payload["email"])?.slice(0, LONGEST);
    return { endUser: payload.sub?.slice(0, LONGEST) ?? email, email };
  } catch (cause) {
    throw new Failure(
      "invalid-key",
      `The end user's token in ${SIGNED} does not verify. Set Open WebUI's FORWARD_USER_INFO_HEADER_JWT_SECRET and Signalbox's auth.end_user_secret to one value, and check both clocks.`,
      { cause },
    );
  }
}
