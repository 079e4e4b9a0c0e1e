import type { ChatRequest } from "../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../vocabulary/dialect.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import { fitBody } from "../shared/json/fit-body.ts";
import { writeTuning } from "../shared/openai/tuning.ts";
import { untakenKnobs } from "../shared/tuning/knobs.ts";

/** The most alternatives per token the old route knows. */
const MOST_LOGPROBS = 5;

/** The knobs the old route has too. */
const KNOBS: ReadonlySet<string> = new Set([
  ...["min_p", "seed", "presence_penalty", "frequency_penalty", "logit_bias", "logprobs", "user", "reasoning.exclude", "completion"],
]);

/**
 * A chat of one user text as a completion, for upstreams that cannot chat; anything more throws `invalid-request`.
 * A bound is always sent: without one these upstreams stop after 16 tokens.
 */
export function writeCompletionRequest(request: ChatRequest, destination: Destination): Outgoing {
  const { profile, model } = destination;
  const warnings: string[] = [];
  refuseMeanings(request, model);
  if (request.reasoning !== undefined && request.reasoning.effort !== "none") warnings.push(`reasoning was dropped: ${model} only completes text.`);
  warnings.push(...untakenKnobs(request, KNOBS, model));
  if (request.logprobs !== undefined && request.logprobs.top > MOST_LOGPROBS)
    warnings.push(`top_logprobs was lowered to ${MOST_LOGPROBS}, the most ${model} gives.`);
  const bound = request.maxTokens ?? profile.defaultMaxTokens;
  const most = profile.maxOutput ?? bound;
  if (request.maxTokens !== undefined && bound > most) warnings.push(`max_tokens was lowered from ${bound} to ${most}, the most ${model} generates.`);
  const body: JsonObject = {
    model,
    prompt: promptOf(request, model),
    suffix: request.completion?.suffix,
    max_tokens: Math.min(bound, most),
    ...writeTuning(request, profile),
    logprobs: request.logprobs === undefined ? undefined : Math.min(request.logprobs.top, MOST_LOGPROBS),
    user: request.user,
  };
  fitBody(body, destination, warnings);
  return { body: JSON.stringify(body), warnings };
}

function promptOf(request: ChatRequest, model: string): string {
  const only = request.messages.length === 1 ? request.messages[0] : undefined;
  if (only?.role !== "user")
    throw invalidRequest(
      "messages",
      `messages must be one single user message: ${model} completes text and knows no system messages, turns or tools. Choose a chat model.`,
    );
  return only.parts
    .map((part, index) => {
      if (part.type === "text") return part.text;
      throw invalidRequest(`messages[0].content[${index}]`, `messages[0].content[${index}] must be text: ${model} completes text only.`);
    })
    .join("\n");
}

function refuseMeanings(request: ChatRequest, model: string): void {
  const because = `is not possible with ${model}, which completes text and cannot chat. Leave it out, or choose a chat model.`;
  if (request.tools.length > 0 && request.toolChoice?.type !== "none") throw invalidRequest("tools", `tools ${because}`);
  if (request.format !== undefined && request.format.type !== "text") throw invalidRequest("response_format", `response_format ${because}`);
  if (request.modalities?.some((modality) => modality !== "text")) throw invalidRequest("modalities", `modalities other than text ${because}`);
}
