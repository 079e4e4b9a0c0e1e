import type { ChatCall } from "../vocabulary/dialect.ts";
import { tokensOfBytes } from "../vocabulary/usage.ts";
import { answerBounds } from "./answer-bounds.ts";
import { mayHoldMedia } from "./billing/most-tokens.ts";
import type { ChatPrompt } from "./prompt.ts";

/** An answer whose length nobody bounds is taken to be so long, and none longer than the most, until it is known. Tokens. */
const ANSWER = { unbounded: 1000, most: 4000 } as const;

/**
 * About how many tokens a request takes of a limit until its usage is known: its prompt, and its answer as far as that is likely to go. Text is
 * told by its bytes; only where there may be pictures among it is the request read, as their bytes say nothing.
 */
export function tokensLikely(call: ChatCall, prompt: Pick<ChatPrompt, "bytes" | "tokens">): number {
  const asked = mayHoldMedia(call.text) ? prompt.tokens() : tokensOfBytes(prompt.bytes);
  return asked + Math.min(answerBounds(call).tokens ?? ANSWER.unbounded, ANSWER.most);
}
