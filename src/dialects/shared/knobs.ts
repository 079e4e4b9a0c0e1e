import type { ChatRequest } from "../../vocabulary/chat.ts";
import type { DialectName } from "../../vocabulary/dialect.ts";
import type { EmbeddingsRequest } from "../../vocabulary/embeddings.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { isObject } from "../../vocabulary/json.ts";

/** Wishes that are met whatever they say: every answer of ours carries its usage. */
const ALWAYS_MET = new Set(["usage"]);
/** OpenAI's tiers that mean "as usual". */
const USUAL_TIERS = new Set(["auto", "default", "standard", "standard_only"]);

/** What clients of a dialect say with every request and what changes no answer, or is met by how the answer is written: no news. */
const HOUSEKEEPING: Readonly<Partial<Record<DialectName, ReadonlySet<string>>>> = {
  "anthropic-messages": new Set(["context_management", "cache_control", "diagnostics", "user", "prompt_cache_key", "reasoning.exclude"]),
};

/**
 * The knobs a request turns that not every provider has, by the client's name for each; a field without a word of ours is one too.
 * A knob left where it stands by default changes nothing and is not named.
 */
function turnedKnobs(request: ChatRequest): string[] {
  const turned: readonly (readonly [string, boolean])[] = [
    ["min_p", request.minP !== undefined && request.minP !== 0],
    ["seed", request.seed !== undefined],
    ["presence_penalty", request.presencePenalty !== undefined && request.presencePenalty !== 0],
    ["frequency_penalty", request.frequencyPenalty !== undefined && request.frequencyPenalty !== 0],
    ["logit_bias", request.logitBias !== undefined && Object.keys(request.logitBias).length > 0],
    ["logprobs", request.logprobs !== undefined],
    ["verbosity", request.verbosity !== undefined && request.verbosity !== "medium"],
    ["reasoning.exclude", request.reasoning?.show === false],
    ["audio", request.audio !== undefined],
    ["user", request.user !== undefined && request.user !== ""],
    ["prompt_cache_key", request.cacheKey !== undefined],
    ["service_tier", request.serviceTier !== undefined && !USUAL_TIERS.has(request.serviceTier)],
    ["metadata", request.metadata !== undefined && Object.keys(request.metadata).length > 0],
  ];
  const all = [...turned.flatMap(([name, isTurned]) => (isTurned ? [name] : [])), ...turnedExtras(request)];
  return all.filter((name) => !isHousekeeping(name, request));
}

function isHousekeeping(name: string, { origin }: ChatRequest): boolean {
  return origin !== undefined && HOUSEKEEPING[origin]?.has(name) === true;
}

function turnedExtras({ extras, unsaid = [] }: Pick<ChatRequest, "extras" | "unsaid">): string[] {
  const turned = Object.entries(extras).flatMap(([name, value]) =>
    value === undefined || value === null || value === false || ALWAYS_MET.has(name) ? [] : [name],
  );
  return [...turned, ...unsaid];
}

/**
 * The warning for every turned knob that the writer does not take, as a list of one sentence or none: no knob is dropped in silence.
 * Throws `invalid-request` for a search of the web, which is no knob: an answer without it would be another answer.
 */
export function untakenKnobs(request: ChatRequest, takes: ReadonlySet<string>, model: string): string[] {
  if (isObject(request.extras["web_search_options"]))
    throw invalidRequest("web_search_options", "web_search_options asks for web search, which cannot be translated for this model's provider. Leave it out.");
  const untaken = turnedKnobs(request).filter((name) => !takes.has(name));
  return dropped(untaken, model);
}

/** The same for a writer that has every word of ours and only leaves the extras behind, because they are another dialect's. */
export function untakenExtras(request: ChatRequest, model: string): string[] {
  return dropped(
    turnedExtras(request).filter((name) => !isHousekeeping(name, request)),
    model,
  );
}

/** The same for embeddings, whose one knob besides the extras is the end user's name. */
export function untakenEmbeddingKnobs(request: EmbeddingsRequest, takes: ReadonlySet<string>, model: string): string[] {
  const user = request.user === undefined || request.user === "" ? [] : ["user"];
  const untaken = [...user, ...turnedExtras(request)].filter((name) => !takes.has(name));
  return dropped(untaken, model);
}

function dropped(names: readonly string[], model: string): string[] {
  if (names.length === 0) return [];
  return [`${names.join(", ")} ${names.length === 1 ? "was" : "were"} dropped: ${model} has nothing like ${names.length === 1 ? "it" : "them"}.`];
}
