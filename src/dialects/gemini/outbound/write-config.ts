import type { ChatRequest } from "../../../vocabulary/chat.ts";
import { type JsonObject, stringOf } from "../../../vocabulary/json.ts";
import type { Profile } from "../../../vocabulary/profile.ts";
import { geminiSchema } from "./schema.ts";
import { thinkingConfigOf } from "./write-thinking.ts";

/** Gemini's `generationConfig`. What was dropped or clamped is added to `warnings`. */
export function generationConfigOf(request: ChatRequest, profile: Profile, warnings: string[]): JsonObject {
  const config: JsonObject = {};
  const set = (name: string, value: JsonObject[string]) => {
    if (value !== undefined) config[name] = value;
  };
  const maxTokens = clamped("max_tokens", request.maxTokens, profile.maxOutput, warnings);
  set("maxOutputTokens", maxTokens);
  sampling(request, profile, warnings, set);
  set("seed", request.seed);
  set("presencePenalty", request.presencePenalty);
  set("frequencyPenalty", request.frequencyPenalty);
  set("stopSequences", stopsOf(request, profile, warnings));
  if (request.choices > 1) set("candidateCount", request.choices);
  if (request.logprobs !== undefined) {
    set("responseLogprobs", true);
    if (request.logprobs.top > 0) set("logprobs", request.logprobs.top);
  }
  if (request.format !== undefined && request.format.type !== "text") set("responseMimeType", "application/json");
  if (request.format?.type === "json-schema") {
    const { name, description, schema } = request.format;
    // A reference may have no siblings: a schema that is one stays without the format's name.
    const named = schema["$ref"] === undefined ? { title: name, ...(description === undefined ? {} : { description }) } : {};
    set("responseJsonSchema", geminiSchema({ ...named, ...schema }));
  }
  set("thinkingConfig", thinkingConfigOf(request.reasoning, { profile, maxTokens, warnings }));
  modalities(request, warnings, set);
  return applied(config, profile, warnings);
}

type Set = (name: string, value: JsonObject[string]) => void;

function sampling(request: ChatRequest, profile: Profile, warnings: string[], set: Set): void {
  if (profile.sampling === "free") {
    set("temperature", clamped("temperature", request.temperature, profile.maxTemperature, warnings));
    set("topP", request.topP);
    set("topK", request.topK);
    return;
  }
  const knobs = { temperature: request.temperature, top_p: request.topP, top_k: request.topK };
  const given = Object.entries(knobs).filter(([, value]) => value !== undefined);
  if (given.length > 0) warnings.push(`${given.map(([name]) => name).join(", ")} left out: this model's sampling is fixed.`);
}

function clamped(name: string, value: number | undefined, most: number | undefined, warnings: string[]): number | undefined {
  if (value === undefined || most === undefined || value <= most) return value;
  warnings.push(`${name} was lowered from ${value} to ${most}, the most this model takes.`);
  return most;
}

function stopsOf({ stop: stops }: ChatRequest, profile: Profile, warnings: string[]): string[] | undefined {
  if (stops.length > profile.maxStops)
    warnings.push(`Only the first ${profile.maxStops} of ${stops.length} stop sequences were sent, the most this model takes.`);
  return stops.length === 0 ? undefined : stops.slice(0, profile.maxStops);
}

/** Gemini speaks or writes, never both: a wish for audio wins over text. */
function modalities(request: ChatRequest, warnings: string[], set: Set): void {
  const wanted = (request.modalities ?? []).map((each) => each.toUpperCase());
  if (wanted.includes("AUDIO")) {
    set("responseModalities", ["AUDIO"]);
    const voice = stringOf(request.audio?.["voice"]);
    if (voice !== undefined) set("speechConfig", { voiceConfig: { prebuiltVoiceConfig: { voiceName: voice } } });
    const format = stringOf(request.audio?.["format"]);
    if (format !== undefined && format !== "pcm16") warnings.push(`audio.format ${format} was left out: Gemini answers with 16-bit PCM at 24 kHz.`);
  } else if (wanted.some((each) => each !== "TEXT")) set("responseModalities", wanted);
}

/** The fields with those dropped and renamed that the profile names. */
export function applied(config: JsonObject, profile: Profile, warnings: string[]): JsonObject {
  const out: JsonObject = {};
  for (const [name, value] of Object.entries(config)) {
    if (profile.drop.includes(name)) warnings.push(`${name} was left out: this model does not take it.`);
    else out[profile.rename[name] ?? name] = value;
  }
  return out;
}
