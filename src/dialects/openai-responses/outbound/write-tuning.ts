import type { ChatRequest } from "../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import { fittingId } from "../../shared/conversation/tool-ids.ts";
import { effortFor } from "../../shared/tuning/efforts.ts";
import { untakenKnobs } from "../../shared/tuning/knobs.ts";
import { boundFor } from "../../shared/tuning/max-tokens.ts";
import type { Writing } from "./writing.ts";

/** The knobs it has something like. */
const KNOBS: readonly string[] = ["logprobs", "verbosity", "reasoning.exclude", "user", "prompt_cache_key", "service_tier", "metadata"];
/** Fields without a word of ours that both of OpenAI's chats have, with the same meaning. */
const SHARED: readonly string[] = ["moderation", "prompt_cache_options", "prompt_cache_retention"];

/** The least `max_output_tokens` it takes (API reference). */
const LEAST_OUTPUT = 16;
/** The longest `safety_identifier` (API reference). */
const USER = /^[\s\S]{1,64}$/;

function isKin({ origin }: ChatRequest): boolean {
  return origin?.startsWith("openai-") === true;
}

/** What a client of another OpenAI dialect said in words that mean the same here. */
export function sharedExtras(request: ChatRequest): JsonObject {
  if (!isKin(request)) return {};
  return Object.fromEntries(SHARED.flatMap((name) => (request.extras[name] === undefined ? [] : [[name, request.extras[name]]])));
}

/** The warnings for what it has nothing like. Throws `invalid-request` for a search of the web. */
export function untaken({ request, destination: { model } }: Writing): string[] {
  const own = request.origin === "openai-responses" ? Object.keys(request.extras) : isKin(request) ? SHARED : [];
  const warnings = untakenKnobs(request, new Set([...KNOBS, ...own]), model);
  if (request.topK !== undefined) warnings.push(`top_k was dropped: ${model} has nothing like it.`);
  if (request.stop.length > 0) warnings.push(`stop was dropped: ${model} has no stop sequences in the Responses API, and may write on past them.`);
  return warnings;
}

/** The client's bound, between the least this API takes and the most the model gives. */
export function writeBound({ request, destination, warnings }: Writing): number | undefined {
  const bound = boundFor(request, destination, warnings);
  if (bound === undefined || bound >= LEAST_OUTPUT) return bound;
  warnings.push(`max_tokens was raised from ${bound} to ${LEAST_OUTPUT}, the least ${destination.model} takes in the Responses API.`);
  return LEAST_OUTPUT;
}

/** `temperature` and `top_p`, unless the model samples in one way only. What its profile drops besides is dropped with the rest. */
export function writeSampling({ request: { temperature, topP }, destination: { model, profile }, warnings }: Writing): JsonObject {
  if (profile.sampling === "free") return { temperature, top_p: topP };
  if (temperature !== undefined && temperature !== 1) warnings.push(`temperature was dropped: ${model} does not let it be tuned.`);
  if (topP !== undefined && topP !== 1) warnings.push(`top_p was dropped: ${model} does not let it be tuned.`);
  return {};
}

/** How many alternatives to name for each token, where log probabilities are wanted at all; they have to be asked for apart. */
export function writeLogprobs({ request: { logprobs }, destination: { model, profile }, warnings, include }: Writing): number | undefined {
  if (logprobs === undefined) return undefined;
  if (profile.drop.includes("logprobs") || profile.drop.includes("top_logprobs")) {
    warnings.push(`logprobs was dropped: ${model} does not tell them.`);
    return undefined;
  }
  include.add("message.output_text.logprobs");
  return logprobs.top === 0 ? undefined : logprobs.top;
}

/**
 * How hard to think, and that it be told what was thought, unless the client does not want to see it. Organisations OpenAI has not verified
 * may not ask for summaries: `reasoning.summary` in the profile's `drop` leaves them out.
 */
export function writeReasoning({ request: { reasoning }, destination, warnings, include }: Writing): JsonObject | undefined {
  const { profile } = destination;
  const effort = effortFor(reasoning, destination, warnings);
  if (profile.thinking === "none") return undefined;
  include.add("reasoning.encrypted_content");
  const shown = effort !== "none" && reasoning?.show !== false && !profile.drop.includes("reasoning.summary");
  return effort === undefined && !shown ? undefined : { effort, summary: shown ? "auto" : undefined };
}

/** The end user, in at most 64 characters: a longer name becomes a short one, always the same. */
export function writeUser({ user }: ChatRequest): string | undefined {
  return user === undefined || user === "" ? undefined : fittingId(user, USER, "user_");
}

/** OpenAI's own words as they are; of other families' only those that mean its standard one. */
export function writeServiceTier({ request, warnings }: Writing): string | undefined {
  const { serviceTier } = request;
  if (serviceTier === undefined || isKin(request)) return serviceTier;
  if (["auto", "default", "flex", "priority"].includes(serviceTier)) return serviceTier;
  if (serviceTier === "standard" || serviceTier === "standard_only") return "default";
  warnings.push(`service_tier ${serviceTier} was dropped: this model's provider knows auto, default, flex and priority.`);
  return undefined;
}
