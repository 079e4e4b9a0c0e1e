import type { ChatRequest } from "../../../vocabulary/chat.ts";
import type { Destination } from "../../../vocabulary/dialect.ts";

/** The client's bound of generated tokens, lowered with a warning to the most the model gives; `undefined` without one. */
export function boundFor({ maxTokens }: ChatRequest, { model, profile: { maxOutput } }: Destination, warnings: string[]): number | undefined {
  if (maxTokens === undefined || maxOutput === undefined || maxTokens <= maxOutput) return maxTokens;
  warnings.push(`max_tokens was lowered from ${maxTokens} to ${maxOutput}, the most ${model} generates.`);
  return maxOutput;
}
