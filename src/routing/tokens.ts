import type { Option } from "./able/option.ts";
import type { Prompt } from "./ask.ts";

/** A prompt's tokens, corrected by what such prompts turned out to have (`Standing.tokenFactor`). */
export function correctedTokens(prompt: Prompt, factor: number): number {
  return Math.min(prompt.bytes, Math.ceil(prompt.tokens() * factor));
}

/** What is known of the factors of these together; 1 where nothing is. */
export function usualFactor(options: readonly Option[]): number {
  let sum = 0;
  let known = 0;
  for (const { standing } of options) {
    if (standing.tokenFactor === 1) continue;
    sum += standing.tokenFactor;
    known++;
  }
  return known === 0 ? 1 : sum / known;
}
