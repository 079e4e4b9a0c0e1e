import type { Prompt } from "../routing/ask.ts";

/** An answer whose length nobody bounds is taken to be so long, and none longer than the most, until it is known. Tokens. */
const ANSWER = { unbounded: 1000, most: 4000 } as const;

/** About how many tokens a request takes of a limit until its usage is known: its prompt, and its answer as far as that is likely to go. */
export function tokensLikely(prompt: Pick<Prompt, "tokens" | "answerTokens">): number {
  return prompt.tokens() + Math.min(prompt.answerTokens() ?? ANSWER.unbounded, ANSWER.most);
}
