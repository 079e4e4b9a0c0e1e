import type { ChatRequest, Reasoning } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf } from "../../../../vocabulary/json.ts";

/** How `/api/chat` and `/api/generate` alike say how to answer. */
type Settings = Pick<
  ChatRequest,
  | ("maxTokens" | "temperature" | "topP" | "topK" | "minP" | "seed" | "presencePenalty" | "frequencyPenalty")
  | ("stop" | "choices" | "logprobs" | "format" | "reasoning" | "stream" | "extras")
>;

/** Top-level fields that are read here, or as part of any call. */
const SETTINGS = ["model", "stream", "options", "format", "think", "logprobs", "top_logprobs"];

/** Options with a word of ours; the others pass to those who know them. */
const NUMBERS = ["num_predict", "temperature", "top_p", "top_k", "min_p", "seed", "presence_penalty", "frequency_penalty"];

/** The settings of a body; what is neither one of them nor `elsewhere` is an extra. Throws `invalid-request` for what cannot be understood. */
export function readSettings(json: JsonObject, elsewhere: readonly string[]): Settings {
  const options = objectOf(json["options"]);
  const option = (name: string): number | undefined => numberIn(options[name], `options.${name}`);
  // Ollama cuts the fraction off: https://github.com/ollama/ollama/blob/main/api/types.go, Options.FromMap.
  const whole = (name: string): number | undefined => truncated(option(name));
  const bound = whole("num_predict");
  return {
    // -1 is no bound, -2 the rest of the context.
    maxTokens: bound === undefined || bound <= 0 ? undefined : bound,
    temperature: option("temperature"),
    topP: option("top_p"),
    topK: whole("top_k"),
    minP: option("min_p"),
    seed: whole("seed"),
    presencePenalty: option("presence_penalty"),
    frequencyPenalty: option("frequency_penalty"),
    stop: readStops(options["stop"]),
    choices: 1,
    logprobs: json["logprobs"] === true ? { top: numberOf(json["top_logprobs"]) ?? 0 } : undefined,
    format: readFormat(json["format"]),
    reasoning: readThink(json["think"]),
    stream: json["stream"] !== false,
    extras: extrasOf(json, options, new Set([...SETTINGS, ...elsewhere])),
  };
}

function numberIn(value: Json | undefined, path: string): number | undefined {
  if (value === undefined || value === null || typeof value === "number") return value ?? undefined;
  throw invalidRequest(path, `${path} must be a number.`);
}

const truncated = (value: number | undefined) => (value === undefined ? undefined : Math.trunc(value));

/** An empty sequence says nothing, and is found at the start of every answer. */
function readStops(stop: Json | undefined): string[] {
  const stops = typeof stop === "string" ? [stop] : listOf(stop);
  return stops.flatMap((text, index) => {
    if (typeof text !== "string") throw invalidRequest(`options.stop[${index}]`, `options.stop[${index}] must be a string.`);
    return text === "" ? [] : [text];
  });
}

function readFormat(format: Json | undefined): ChatRequest["format"] {
  if (format === undefined || format === null || format === "") return undefined;
  if (format === "json") return { type: "json" };
  if (isObject(format)) return { type: "json-schema", name: "answer", schema: format };
  throw invalidRequest("format", 'format must be "json" or a JSON schema.');
}

/** A client that only says `true` leaves open how hard to think. */
function readThink(think: Json | undefined): Reasoning | undefined {
  switch (think) {
    case undefined:
    case null:
      return undefined;
    case false:
      return { effort: "none" };
    case true:
      return { effort: "medium", show: true };
    case "low":
    case "medium":
    case "high":
    case "max":
      return { effort: think, show: true };
    default:
      throw invalidRequest("think", "think must be true, false, low, medium, high or max.");
  }
}

/** What is left for those who know it; fields and options that say nothing are not. */
function extrasOf(json: JsonObject, options: JsonObject, known: ReadonlySet<string>): JsonObject {
  const others = without(options, new Set([...NUMBERS, "stop"]));
  return { ...without(json, known), ...(Object.keys(others).length === 0 ? {} : { options: others }) };
}

function without(json: JsonObject, known: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([name, value]) => !known.has(name) && saysSomething(value)));
}

function saysSomething(value: Json | undefined): boolean {
  return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
}
