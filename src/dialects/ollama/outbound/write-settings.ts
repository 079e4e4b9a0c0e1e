import type { ChatRequest } from "../../../vocabulary/chat.ts";
import type { Destination } from "../../../vocabulary/dialect.ts";
import { isObject, type Json, type JsonObject, objectOf } from "../../../vocabulary/json.ts";
import { type Depth, effortOfBudget, nearestEffort } from "../../shared/tuning/efforts.ts";
import { untakenKnobs } from "../../shared/tuning/knobs.ts";
import { refuseMoreThanOneText } from "../../shared/tuning/one-text.ts";

/** Ollama's own top-level fields, which clients of its other APIs send along too; they win over what we would write. */
const OWN_FIELDS = ["keep_alive", "truncate", "shift", "think"];

/** The knobs it has something like. */
const KNOBS = [...OWN_FIELDS, "options", "num_ctx", "min_p", "seed", "presence_penalty", "frequency_penalty", "logprobs"];

/**
 * What `/api/chat` and `/api/generate` have in common: how the answer is made, in Ollama's fields. `more` are knobs the caller writes itself.
 * Throws `invalid-request` for what no model of Ollama does: several answers, answers other than text.
 */
export function writeSettings(request: ChatRequest, destination: Destination, warnings: string[], more: readonly string[] = []): JsonObject {
  refuseMoreThanOneText(request);
  warnings.push(...untakenKnobs(request, new Set([...KNOBS, ...more]), destination.model));
  return {
    format: formatOf(request),
    think: thinkOf(request, destination, warnings),
    stream: request.stream,
    ...(request.logprobs === undefined ? {} : { logprobs: true, top_logprobs: request.logprobs.top === 0 ? undefined : request.logprobs.top }),
    ...given(request.extras, OWN_FIELDS),
    options: optionsOf(request, destination, warnings),
  };
}

/** Takes out of a body what the profile drops, at the top and among the options, with a warning each. */
export function fitOllama(body: JsonObject, destination: Destination, warnings: string[]): void {
  const options = { ...objectOf(body["options"]) };
  for (const name of destination.profile.drop) {
    if (body[name] !== undefined || options[name] !== undefined) warnings.push(dropped(name, destination));
    delete body[name];
    delete options[name];
  }
  if (Object.keys(options).length > 0) body["options"] = options;
  else delete body["options"];
}

/** The warning about a field that is left out. */
export function dropped(field: string, destination: Destination): string {
  return `${field} was dropped: ${destination.model} does not know it.`;
}

/** Those of the named extras that say something. */
export function given(extras: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(names.flatMap((name) => (extras[name] === undefined || extras[name] === null ? [] : [[name, extras[name]]])));
}

function optionsOf(request: ChatRequest, destination: Destination, warnings: string[]): JsonObject {
  const { profile } = destination;
  const options: JsonObject = { ...samplingOf(request, destination, warnings) };
  const bound = request.maxTokens;
  if (bound !== undefined) options["num_predict"] = Math.min(bound, profile.maxOutput ?? bound);
  if (request.seed !== undefined) options["seed"] = request.seed;
  if (request.presencePenalty !== undefined) options["presence_penalty"] = request.presencePenalty;
  if (request.frequencyPenalty !== undefined) options["frequency_penalty"] = request.frequencyPenalty;
  if (request.stop.length > 0) options["stop"] = request.stop.slice(0, profile.maxStops);
  if (request.stop.length > profile.maxStops) warnings.push(`stop was cut to ${profile.maxStops} sequences, the most ${destination.model} takes.`);
  const own = request.extras["options"];
  return { ...options, ...given(request.extras, ["num_ctx"]), ...(isObject(own) ? own : {}) };
}

function samplingOf(request: ChatRequest, destination: Destination, warnings: string[]): JsonObject {
  const { profile } = destination;
  const knobs = { temperature: request.temperature, top_p: request.topP, top_k: request.topK, min_p: request.minP };
  const sampling: JsonObject = {};
  for (const [name, value] of Object.entries(knobs)) {
    if (value === undefined) continue;
    if (profile.sampling === "fixed") warnings.push(`${name} was dropped: ${destination.model} samples in one way only.`);
    else if (name === "temperature" && value > profile.maxTemperature) {
      sampling[name] = profile.maxTemperature;
      warnings.push(`temperature was lowered to ${profile.maxTemperature}, the highest ${destination.model} takes.`);
    } else sampling[name] = value;
  }
  return sampling;
}

function formatOf(request: ChatRequest): Json | undefined {
  switch (request.format?.type) {
    case "json":
      return "json";
    case "json-schema":
      return request.format.schema;
    default:
      return undefined;
  }
}

/**
 * `think` as a level for models that take levels, as a boolean for those known to take booleans. Ollama refuses a level or `true` where
 * it does not fit, and lets every model think that can when nothing is said (server/routes.go, ChatHandler): so with `effort`, which
 * is what an unknown model has, nothing is said to turn it on.
 */
function thinkOf(request: ChatRequest, destination: Destination, warnings: string[]): Json | undefined {
  const { reasoning } = request;
  const { profile } = destination;
  if (reasoning === undefined || (reasoning.effort === undefined && reasoning.budget === undefined)) return undefined;
  const off = reasoning.effort === "none" || reasoning.budget === 0;
  if (profile.thinking === "none") {
    if (!off) warnings.push(`reasoning was dropped: ${destination.model} does not think.`);
    return undefined;
  }
  if (off && profile.thinkingOff) return false;
  if (off) warnings.push(`reasoning was lowered, not turned off: ${destination.model} always thinks.`);
  if (profile.thinking === "effort") return undefined;
  if (profile.thinking !== "level") return true;
  const known = profile.efforts ?? LEVELS;
  if (off) return known[0];
  const asked = reasoning.effort ?? effortOfBudget(reasoning.budget ?? -1);
  return asked === undefined ? true : nearestEffort(asked, known, warnings);
}

/** https://docs.ollama.com/api/chat: `think`. */
const LEVELS: readonly Depth[] = ["low", "medium", "high", "max"];
