import { createHash, randomBytes } from "node:crypto";
import { invalidRequest } from "../vocabulary/failure.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** 43 digits of base 62 hold 32 random bytes. */
const DIGITS = 43;

/** A new key: `sb-` and 256 random bits, selectable with a double click. */
export function mintKey(): string {
  let digits = "";
  while (digits.length < DIGITS) {
    // Bytes past the last whole multiple of 62 are thrown away, or the first letters would come up more often.
    for (const byte of randomBytes(64)) if (byte < 248 && digits.length < DIGITS) digits += BASE62[byte % 62];
  }
  return `sb-${digits}`;
}

/** A new id, public: `key_…`, `user_…`, `team_…`. */
export function mintId(kind: "key" | "user" | "team"): string {
  return `${kind}_${randomBytes(9).toString("hex")}`;
}

/** SHA-256 in hex. Enough for our own keys, which cannot be guessed; an operator's own short key is only as good as itself. */
export function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

/** Enough of a key to recognise it by, never more than a quarter of it. */
export function shownOf(key: string): string {
  return `${key.slice(0, Math.min(7, Math.floor(key.length / 4)))}…`;
}

/** Throws `invalid-request` for a key that could not travel in a header. Any other string is a valid key. */
export function checkOwnKey(key: string): void {
  if (key.length > 4096) throw invalidRequest("key", "key is longer than 4096 characters.");
  if (!/^[\x21-\x7e]+$/.test(key))
    throw invalidRequest("key", "key may hold only visible ASCII characters and no spaces, or no client could send it in a header.");
}

const PUBLISHED: ReadonlySet<string> = new Set(["sk-1234567890abcdef", "sk-1234", "sk-1234567890", "sk-master-key", "changeme", "secret", "password"]);
const PLACEHOLDER = /^(your[_-].*|<.*>|change[_-]?me.*|replace[_-]?me.*|example.*|x{4,}|sk-\.\.\.)$/i;

/** Why this key is a bad idea, in one sentence for the log or the console; `undefined` when it is not. Never repeats the key. */
export function warningAbout(key: string): string | undefined {
  if (PUBLISHED.has(key) || PLACEHOLDER.test(key)) return "This key is a sample from public documentation: anybody may know it. Use a random one.";
  if (key.length < 16) return `This key has only ${key.length} characters and could be guessed. Use a random one of 32 or more.`;
  return undefined;
}
