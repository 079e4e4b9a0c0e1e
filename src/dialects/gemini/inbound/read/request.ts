import type { ChatRequest } from "../../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { camelName, fieldOf, objectsIn, refuse, wordOf } from "../../fields.ts";
import { readConfig } from "./config.ts";
import { readMessages } from "./contents.ts";
import { readTools } from "./tools.ts";

/** Top-level fields that have their own word in the neutral request; all others are extras. */
const KNOWN = new Set(["model", "contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "cachedContent", "serviceTier"]);

/** What the path told. */
interface Told {
  readonly model: string;
  readonly stream: boolean;
}

/** A `GenerateContentRequest` in neutral words. Throws `invalid-request` with the JSON path, which begins with `at`, for what cannot be understood or told to others. */
export function readRequest(json: JsonObject, { model, stream }: Told, at = ""): ChatRequest {
  if (fieldOf(json, "cachedContent") !== undefined)
    refuse(
      `${at}cachedContent`,
      "names content that is stored at Google, which this model's provider cannot see. Send it in contents, or choose a Gemini model",
    );
  const config = readConfig(json, at);
  return {
    ...config,
    model,
    stream,
    messages: readMessages(json, at),
    ...readTools(json, at),
    serviceTier: readTier(json),
    extras: { ...extrasOf(json), ...config.extras, ...partExtras(json, at) },
    origin: "gemini",
  };
}

function extrasOf(json: JsonObject): JsonObject {
  const extras: JsonObject = {};
  for (const name in json) if (!KNOWN.has(camelName(name)) && !isEmptyList(json[name])) extras[camelName(name)] = json[name];
  return extras;
}

function isEmptyList(value: JsonObject[string]): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** What stands beside a part's content: how finely a picture is looked at, which piece of a film. */
function partExtras(json: JsonObject, at: string): JsonObject {
  const extras: JsonObject = {};
  for (const content of objectsIn(json, "contents", `${at}contents`))
    for (const part of objectsIn(content, "parts", `${at}contents.parts`))
      for (const name of ["videoMetadata", "mediaResolution"]) if (fieldOf(part, name) !== undefined) extras[`parts.${name}`] = true;
  return extras;
}

function readTier(json: JsonObject): string | undefined {
  const tier = wordOf(fieldOf(json, "serviceTier"), [])?.toLowerCase();
  return tier === "unspecified" ? undefined : tier;
}
