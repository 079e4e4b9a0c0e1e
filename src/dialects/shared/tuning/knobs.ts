import type { ChatRequest } from "../../../vocabulary/chat.ts";
import type { DialectName } from "../../../vocabulary/dialect.ts";
import type { EmbeddingsRequest } from "../../../vocabulary/embeddings.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import { isObject, type JsonObject } from "../../../vocabulary/json.ts";

/** Wishes that are met whatever they say, since every answer of ours carries its usage, or that change no answer: hints where a prompt may be cached. */
const NO_NEWS = new Set(["usage", "prompt_cache_retention", "prompt_cache_options"]);
/** OpenAI's tiers that mean "as usual". */
const USUAL_TIERS = new Set(["auto", "default", "standard", "standard_only"]);

/** What clients of a dialect say with every request and what changes no answer, or is met by how the answer is written: no news. */
const HOUSEKEEPING: Readonly<Partial<Record<DialectName, ReadonlySet<string>>>> = {
  "anthropic-messages": new Set(["context_management", "cache_control", "diagnostics", "user", "reasoning.exclude"]),
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
    ["service_tier", request.serviceTier !== undefined && !USUAL_TIERS.has(request.serviceTier)],
    ["metadata", request.metadata !== undefined && Object.keys(request.metadata).length > 0],
  ];
  return news([...turned.flatMap(([name, isTurned]) => (isTurned ? [name] : [])), ...turnedExtras(request)], request);
}

function turnedExtras({ extras }: Pick<ChatRequest, "extras">): string[] {
  return Object.entries(extras).flatMap(([name, value]) => (value === undefined || value === null || value === false || NO_NEWS.has(name) ? [] : [name]));
}

function news(names: readonly string[], { origin }: ChatRequest): string[] {
  const housekeeping = origin === undefined ? undefined : HOUSEKEEPING[origin];
  return names.filter((name) => housekeeping?.has(name) !== true);
}

/**
 * The warning for every turned knob that the writer does not take, as a list of one sentence or none: no knob is dropped in silence.
 * Throws `invalid-request` for a search of the web, and for a text to be continued, which are no knobs: the answer would be another one.
 */
export function untakenKnobs(request: ChatRequest, takes: ReadonlySet<string>, model: string): string[] {
  if (!takes.has("completion")) refuseCompletion(request);
  if (isObject(request.extras["web_search_options"]))
    throw invalidRequest("web_search_options", "web_search_options asks for web search, which cannot be translated for this model's provider. Leave it out.");
  const untaken = turnedKnobs(request).filter((name) => !takes.has(name));
  return dropped(untaken, request.extras, model);
}

/** The same for a writer that has every word of ours and only leaves the extras behind, because they are another dialect's. */
export function untakenExtras(request: ChatRequest, model: string): string[] {
  refuseCompletion(request);
  return dropped(news(turnedExtras(request), request), request.extras, model);
}

/** The same for embeddings, whose one knob besides the extras is the end user's name. */
export function untakenEmbeddingKnobs(request: EmbeddingsRequest, takes: ReadonlySet<string>, model: string): string[] {
  const user = request.user === undefined || request.user === "" ? [] : ["user"];
  const untaken = [...user, ...turnedExtras(request)].filter((name) => !takes.has(name));
  return dropped(untaken, request.extras, model);
}

/** A model that is spoken to would answer the text, not continue it. */
function refuseCompletion({ completion }: ChatRequest): void {
  if (completion === undefined) return;
  const field = completion.suffix === undefined ? "raw" : "suffix";
  throw invalidRequest(field, `${field} is not possible with this model: its provider only chats, and does not continue a text. Leave it out.`);
}

function dropped(fields: readonly string[], extras: JsonObject, model: string): string[] {
  // Ollama's clients send most of their knobs as members of one field.
  const names = fields.flatMap((name) => (name === "options" && isObject(extras[name]) ? Object.keys(extras[name]).map((each) => `options.${each}`) : [name]));
  if (names.length === 0) return [];
  return [`${names.join(", ")} ${names.length === 1 ? "was" : "were"} dropped: ${model} has nothing like ${names.length === 1 ? "it" : "them"}.`];
}
