import type { Able } from "../able/able.ts";
import type { Option } from "../able/option.ts";
import type { Ask, Prompt } from "../ask.ts";
import { correctedTokens } from "../tokens.ts";

/** May any of them be unfit for this at all? Told from the bytes alone: most requests are short and ask for text. */
export function mayNotFit({ smallestWindow, picky }: Able, { prompt }: Ask): boolean {
  return prompt !== undefined && (picky || prompt.bytes >= smallestWindow);
}

/** Do the prompt and the answer it may have go into its window? What is not known is no bound. */
export function fits(option: Option, prompt: Prompt): boolean {
  const { contextWindow } = option.deployment;
  if (contextWindow === undefined || prompt.bytes < contextWindow) return true;
  const { asked, answer } = sizeFor(option, prompt);
  return asked + answer <= contextWindow;
}

/** Tokens, as estimated. An answer is no longer than its deployment writes any. */
export function sizeFor({ deployment, standing }: Option, prompt: Prompt): { readonly asked: number; readonly answer: number } {
  const answer = Math.min(prompt.answerTokens() ?? 0, deployment.profile.maxOutput ?? Number.POSITIVE_INFINITY);
  return { asked: correctedTokens(prompt, standing.tokenFactor), answer };
}

/** Can it do all that the prompt needs, as far as anybody has said? */
export function can({ deployment: { abilities } }: Option, prompt: Prompt): boolean {
  if (abilities === undefined) return true;
  for (const need of prompt.needs()) if (!abilities.includes(need)) return false;
  return true;
}
