import type { FinishReason } from "../../vocabulary/events.ts";
import { type Json, type JsonObject, stringOf } from "../../vocabulary/json.ts";

/** How a candidate ended: with a reason, or broken so that the answer is worth nothing. */
type Ending = { readonly type: "finish"; readonly reason: FinishReason; readonly detail?: string } | { readonly type: "broken"; readonly why: string };

const BLOCKED = new Set([
  "SAFETY",
  "RECITATION",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MODEL_ARMOR",
  "IMAGE_SAFETY",
  "IMAGE_PROHIBITED_CONTENT",
  "IMAGE_RECITATION",
]);
/** The model stumbled, not the content: another try or another deployment may do better. */
const BROKEN = new Set([
  "MALFORMED_FUNCTION_CALL",
  "UNEXPECTED_TOOL_CALL",
  "TOO_MANY_TOOL_CALLS",
  "MISSING_THOUGHT_SIGNATURE",
  "MALFORMED_RESPONSE",
  "IMAGE_OTHER",
  "NO_IMAGE",
  "OTHER",
]);

/** The words by their numbers in Google's protocol buffer, which some of its clients and proxies write instead. */
const NUMBERED = [
  "FINISH_REASON_UNSPECIFIED",
  "STOP",
  "MAX_TOKENS",
  "SAFETY",
  "RECITATION",
  "OTHER",
  "LANGUAGE",
  "BLOCKLIST",
  "PROHIBITED_CONTENT",
  "SPII",
  "MALFORMED_FUNCTION_CALL",
  "IMAGE_SAFETY",
];

/** The word of a `finishReason`, also where its number stands; `undefined` while there is none. */
export function finishWord(value: Json | undefined): string | undefined {
  const word = typeof value === "number" ? (NUMBERED[value] ?? String(value)) : stringOf(value);
  return word === "FINISH_REASON_UNSPECIFIED" ? undefined : word;
}

/** Gemini's `finishReason` in our words. `STOP` with function calls is `tool-calls`; a word nobody knows yet counts as `STOP`. */
export function endingOf(word: string, facts: { readonly calls: number; readonly message?: string }): Ending {
  const detail = facts.message === undefined || facts.message === "" ? word : `${word}: ${facts.message}`;
  if (word === "MAX_TOKENS") return { type: "finish", reason: "length" };
  if (BLOCKED.has(word)) return { type: "finish", reason: "content-filter", detail };
  if (BROKEN.has(word)) return { type: "broken", why: detail };
  return { type: "finish", reason: facts.calls > 0 ? "tool-calls" : "stop" };
}

const WORDS: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  length: "MAX_TOKENS",
  "tool-calls": "STOP",
  "content-filter": "SAFETY",
  refusal: "SAFETY",
  pause: "STOP",
};

/** Our reason as a candidate's `finishReason` and `finishMessage`. A detail that is in Gemini's own words, as `endingOf` left it, gives the word back. */
export function finishFields(reason: FinishReason, detail?: string): JsonObject {
  if (detail === undefined || detail === "") return { finishReason: WORDS[reason] };
  const [, word = "", message] = /^([A-Z_]+)(?:: (.*))?$/s.exec(detail) ?? [];
  if (!BLOCKED.has(word)) return { finishReason: WORDS[reason], finishMessage: detail };
  return { finishReason: word, ...(message === undefined ? {} : { finishMessage: message }) };
}
