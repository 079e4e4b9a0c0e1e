import { invalidRequest } from "../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import type { Writing } from "./writing.ts";

/** The knobs Claude has something like; those with a range or a form of their own are warned about where they are written. */
export const KNOBS: ReadonlySet<string> = new Set(["user", "service_tier", "reasoning.exclude"]);
/** The longest `metadata.user_id` Claude takes, in characters. */
const LONGEST_USER = 512;
/** The least `top_p` beside thinking. */
const LEAST_TOP_P = 0.95;

/** `temperature`, `top_p` and `top_k` as far as the model lets them be tuned; thinking leaves little room. */
export function writeSampling(thinking: boolean, { request, profile, model, warnings }: Writing): JsonObject {
  let { temperature, topP, topK } = request;
  checkRange("temperature", temperature, Number.POSITIVE_INFINITY);
  checkRange("top_p", topP, 1);
  // vLLM's -1 is all of them, and so is silence.
  if (topK !== undefined && topK < 0) topK = undefined;
  const drop = (name: string, why: string) => warnings.push(`${name} was dropped: ${why}.`);
  if (profile.sampling === "fixed" || thinking) {
    const why = profile.sampling === "fixed" ? `${model} does not let it be tuned` : "it cannot be tuned while the model thinks";
    if (temperature !== undefined && temperature !== 1) drop("temperature", why);
    if (topP !== undefined && topP !== 1 && (profile.sampling === "fixed" || topP < LEAST_TOP_P)) drop("top_p", why);
    if (topK !== undefined) drop("top_k", why);
    temperature = undefined;
    topK = undefined;
    if (profile.sampling === "fixed" || (topP !== undefined && topP < LEAST_TOP_P)) topP = undefined;
  }
  if (temperature !== undefined && temperature > profile.maxTemperature) {
    warnings.push(`temperature was lowered from ${temperature} to ${profile.maxTemperature}, the most ${model} takes.`);
    temperature = profile.maxTemperature;
  }
  if (temperature !== undefined && topP !== undefined) {
    // Models since Claude 4.1 refuse both together: https://platform.claude.com/docs/en/about-claude/models/migration-guide
    if (topP !== 1) drop("top_p", "this model's provider takes temperature or top_p, not both");
    topP = undefined;
  }
  return { temperature, top_p: topP, top_k: topK };
}

/** What lies outside was a mistake of the client's, not a wish that could be met halfway; a high temperature alone is another family's scale. */
function checkRange(name: string, value: number | undefined, most: number): void {
  if (value === undefined || (value >= 0 && value <= most)) return;
  throw invalidRequest(name, `${name} must be ${most === 1 ? "from 0 to 1" : "at least 0"}, and is ${value}.`);
}

/** Stop sequences Claude accepts: none of white space alone, and not too many. */
export function writeStops({ request, profile, model, warnings }: Writing): string[] | undefined {
  const speaking = request.stop.filter((stop) => stop.trim() !== "");
  if (speaking.length < request.stop.length) warnings.push("stop sequences of white space alone were dropped: this model's provider refuses them.");
  if (speaking.length > profile.maxStops) warnings.push(`stop sequences beyond the first ${profile.maxStops} were dropped: ${model} takes no more.`);
  return speaking.length === 0 ? undefined : speaking.slice(0, profile.maxStops);
}

/** The end user, for Anthropic's abuse detection. */
export function writeMetadata({ request, warnings }: Writing): JsonObject | undefined {
  if (request.user === undefined || request.user === "") return undefined;
  if (request.user.length <= LONGEST_USER) return { user_id: request.user };
  warnings.push(`user was dropped: it is longer than ${LONGEST_USER} characters.`);
  return undefined;
}

/** OpenAI's `auto` and `priority` may use capacity bought ahead, its `default` may not; there is nothing like `flex`. */
export function writeServiceTier({ request, warnings }: Writing): string | undefined {
  switch (request.serviceTier) {
    case undefined:
      return undefined;
    case "auto":
    case "priority":
      return "auto";
    case "default":
    case "standard":
    case "standard_only":
      return "standard_only";
    default:
      warnings.push(`service_tier ${request.serviceTier} was dropped: this model's provider knows auto and standard_only.`);
      return undefined;
  }
}
