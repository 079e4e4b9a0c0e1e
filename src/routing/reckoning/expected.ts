import type { Option } from "../able/option.ts";

/** Tokens of an answer, where none of them was ever seen. */
const USUAL_ANSWER = 300;

/** How long an answer will be: as these have been lately. Tokens. */
export function expectedAnswer(group: readonly Option[]): number {
  let sum = 0;
  let known = 0;
  for (const { standing } of group) {
    const { answerTokens } = standing.pace;
    if (answerTokens === undefined) continue;
    sum += answerTokens;
    known++;
  }
  return known === 0 ? USUAL_ANSWER : sum / known;
}
