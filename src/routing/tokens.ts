import type { Prompt } from "./ask.ts";

/** A prompt's tokens, corrected by what such prompts turned out to have (`Standing.tokenFactor`). */
export function correctedTokens(prompt: Prompt, factor: number): number {
  return Math.min(prompt.bytes, Math.ceil(prompt.tokens() * factor));
}
