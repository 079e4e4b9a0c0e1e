import type { AnswerFormat, ChatRequest, Effort } from "../../../../vocabulary/chat.ts";
import { isObject, type Json, type JsonObject, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { placed } from "../../../shared/places.ts";
import { CONFIG_EXTRA, camelName, fieldOf, integerIn, numberIn, objectIn, refuse, stringIn, stringsIn, wordOf } from "../../fields.ts";
import { readSchema } from "./schema.ts";

/** The fields of `generationConfig` that have their own word in the neutral request; all others are extras. */
const KNOWN = new Set([
  "temperature",
  "topP",
  "topK",
  "maxOutputTokens",
  "stopSequences",
  "candidateCount",
  "seed",
  "presencePenalty",
  "frequencyPenalty",
  "responseMimeType",
  "responseSchema",
  "responseJsonSchema",
  "_responseJsonSchema",
  "responseLogprobs",
  "logprobs",
  "thinkingConfig",
  "responseModalities",
]);

type Config = Omit<ChatRequest, "model" | "messages" | "tools" | "stream">;

/** `generationConfig` in neutral words. Throws `invalid-request` for fields of the wrong type and for formats that only Gemini has. */
export function readConfig(json: JsonObject, at: string): Config {
  const path = `${at}generationConfig`;
  const config = objectIn(json, "generationConfig", path) ?? {};
  const number = (name: string) => numberIn(config, name, `${path}.${name}`);
  const integer = (name: string) => integerIn(config, name, `${path}.${name}`);
  const topK = number("topK");
  const modalities = readModalities(fieldOf(config, "responseModalities"), `${path}.responseModalities`);
  const audio = modalities?.includes("audio") ? readVoice(config, path) : undefined;
  return {
    temperature: number("temperature"),
    topP: number("topP"),
    // Google's own clients may write it as a float; nobody else takes one.
    topK: topK === undefined ? undefined : Math.trunc(topK),
    maxTokens: integer("maxOutputTokens"),
    stop: stringsIn(config, "stopSequences", `${path}.stopSequences`).filter((stop) => stop !== ""),
    choices: integer("candidateCount") ?? 1,
    seed: integer("seed"),
    presencePenalty: number("presencePenalty"),
    frequencyPenalty: number("frequencyPenalty"),
    logprobs: fieldOf(config, "responseLogprobs") === true ? { top: integer("logprobs") ?? 0 } : undefined,
    format: readFormat(config, path),
    reasoning: readThinking(config, path),
    modalities,
    audio,
    extras: extrasOf(config, audio !== undefined),
  };
}

/** A voice is one only where nobody hears it, the newer format only where it says nothing of text. */
function extrasOf(config: JsonObject, spoken: boolean): JsonObject {
  const extras: JsonObject = {};
  for (const given in config) {
    const name = camelName(given);
    const known = KNOWN.has(name) || (name === "speechConfig" && spoken) || (name === "responseFormat" && isObject(objectOf(config[given])["text"]));
    if (!known) extras[CONFIG_EXTRA + name] = config[given];
  }
  return extras;
}

function readFormat(config: JsonObject, path: string): AnswerFormat | undefined {
  const newer = objectIn(objectIn(config, "responseFormat", `${path}.responseFormat`) ?? {}, "text", `${path}.responseFormat.text`);
  if (newer !== undefined) return newerFormat(newer, `${path}.responseFormat.text`);
  const mime = stringIn(config, "responseMimeType", `${path}.responseMimeType`);
  if (mime !== undefined && mime !== "" && mime !== "application/json" && mime !== "text/plain")
    refuse(`${path}.responseMimeType`, `is ${JSON.stringify(mime)}, which only Gemini answers in. Ask for application/json, or choose a Gemini model`);
  const openapi = objectIn(config, "responseSchema", `${path}.responseSchema`);
  const schema = fieldOf(config, "responseJsonSchema") ?? fieldOf(config, "_responseJsonSchema");
  if (schema !== undefined) return schemaFormat(isObject(schema) ? schema : refuse(`${path}.responseJsonSchema`, "must be a JSON Schema object"));
  if (openapi !== undefined) return schemaFormat(readSchema(openapi));
  if (mime === "application/json") return { type: "json" };
  return mime === "text/plain" ? { type: "text" } : undefined;
}

function newerFormat(text: JsonObject, path: string): AnswerFormat {
  const schema = objectIn(text, "schema", `${path}.schema`);
  if (schema !== undefined) return schemaFormat(schema);
  return { type: /json/i.test(stringIn(text, "mimeType", `${path}.mimeType`) ?? "") ? "json" : "text" };
}

function schemaFormat(schema: JsonObject): AnswerFormat {
  return { type: "json-schema", name: "answer", schema };
}

const LEVELS: ReadonlyMap<string, Effort> = new Map(Object.entries<Effort>({ MINIMAL: "minimal", LOW: "low", MEDIUM: "medium", HIGH: "high" }));

function readThinking(config: JsonObject, path: string): ChatRequest["reasoning"] {
  const thinking = objectIn(config, "thinkingConfig", `${path}.thinkingConfig`);
  if (thinking === undefined) return undefined;
  const budget = integerIn(thinking, "thinkingBudget", `${path}.thinkingConfig.thinkingBudget`);
  const level = stringIn(thinking, "thinkingLevel", `${path}.thinkingConfig.thinkingLevel`)?.toUpperCase() ?? "THINKING_LEVEL_UNSPECIFIED";
  const effort = LEVELS.get(level);
  if (effort === undefined && level !== "THINKING_LEVEL_UNSPECIFIED")
    refuse(`${path}.thinkingConfig.thinkingLevel`, `is ${JSON.stringify(level)}; it must be one of MINIMAL, LOW, MEDIUM and HIGH`);
  // Thoughts nobody asked for are left out of the answer by its writer, so that no upstream has to.
  const show = fieldOf(thinking, "includeThoughts") === true ? { show: true } : {};
  if (effort === undefined && budget === undefined && show.show === undefined) return undefined;
  return { ...(effort === undefined ? {} : { effort }), ...(budget === undefined ? {} : { budget }), ...show };
}

/** Did the client ask to see what the model thinks? Without its asking Gemini never tells. */
export function asksForThoughts(json: JsonObject): boolean {
  return fieldOf(objectOf(fieldOf(objectOf(fieldOf(json, "generationConfig")), "thinkingConfig")), "includeThoughts") === true;
}

/** Google's `Modality`, in the order of its numbers. */
const MODALITIES = ["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO"];

function readModalities(value: Json | undefined, path: string): string[] | undefined {
  const words = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(
    (each, index) => wordOf(each, MODALITIES) ?? refuse(`${path}[${index}]`, "must be TEXT, IMAGE or AUDIO"),
  );
  const wanted = words.filter((word) => word !== MODALITIES[0]).map((word) => word.toLowerCase());
  if (wanted.length === 0) return undefined;
  // Gemini speaks or writes, never both; OpenAI's models write down what they speak.
  return placed(wanted.includes("audio") ? ["text", "audio"] : wanted, path);
}

/** The one voice of spoken answers, in OpenAI's shape; the sound itself is what Gemini's clients expect, 16-bit PCM. Throws for several speakers. */
function readVoice(config: JsonObject, path: string): JsonObject {
  const speech = objectIn(config, "speechConfig", `${path}.speechConfig`) ?? {};
  if (fieldOf(speech, "multiSpeakerVoiceConfig") !== undefined)
    refuse(`${path}.speechConfig.multiSpeakerVoiceConfig`, "asks for several voices, which this model's provider does not speak in. Ask for one");
  const prebuilt = objectOf(fieldOf(objectOf(fieldOf(speech, "voiceConfig")), "prebuiltVoiceConfig"));
  const voice = stringOf(fieldOf(prebuilt, "voiceName"));
  return { ...(voice === undefined ? {} : { voice }), format: "pcm16" };
}
