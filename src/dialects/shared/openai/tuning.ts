import type { ChatRequest } from "../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, stringOf } from "../../../vocabulary/json.ts";
import type { Profile } from "../../../vocabulary/profile.ts";

/** The words chats and completions have in common. */
type Tuning = Pick<
  ChatRequest,
  "temperature" | "topP" | "topK" | "minP" | "seed" | "presencePenalty" | "frequencyPenalty" | "logitBias" | "stop" | "choices" | "stream"
>;

/** The fields they stand in. */
export const TUNING_FIELDS = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "seed",
  "presence_penalty",
  "frequency_penalty",
  "logit_bias",
  "stop",
  "n",
  "stream",
  "stream_options",
] as const;

/** How OpenAI's bodies tune an answer. Throws `invalid-request` for a stop sequence that is no string. */
export function readTuning(json: JsonObject): Tuning {
  return {
    temperature: numberOf(json["temperature"]),
    topP: numberOf(json["top_p"]),
    topK: numberOf(json["top_k"]),
    minP: numberOf(json["min_p"]),
    seed: numberOf(json["seed"]),
    presencePenalty: numberOf(json["presence_penalty"]),
    frequencyPenalty: numberOf(json["frequency_penalty"]),
    logitBias: isObject(json["logit_bias"]) ? json["logit_bias"] : undefined,
    stop: readStops(json["stop"]),
    choices: numberOf(json["n"]) ?? 1,
    stream: json["stream"] === true,
  };
}

/** An empty sequence says nothing, and upstreams differ: some refuse it, Ollama finds it at the start of every answer. */
function readStops(stop: Json | undefined): string[] {
  const stops = typeof stop === "string" ? [stop] : listOf(stop).map(readStop);
  return stops.filter((text) => text !== "");
}

function readStop(stop: unknown, index: number): string {
  const text = stringOf(stop);
  if (text === undefined) throw invalidRequest(`stop[${index}]`, `stop[${index}] must be a string.`);
  return text;
}

/** The same fields as OpenAI's bodies have them, and the usage asked for where a stream only tells when asked. */
export function writeTuning(request: Tuning, profile: Profile): JsonObject {
  return {
    temperature: request.temperature,
    top_p: request.topP,
    top_k: request.topK,
    min_p: request.minP,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
    logit_bias: request.logitBias,
    stop: request.stop.length === 0 ? undefined : [...request.stop],
    n: request.choices === 1 ? undefined : request.choices,
    ...(request.stream ? { stream: true, ...(profile.streamUsage === "ask" ? { stream_options: { include_usage: true } } : {}) } : {}),
  };
}
