import type { AnswerFormat, Effort, Reasoning } from "../../../../vocabulary/chat.ts";
import type { HeaderView } from "../../../../vocabulary/dialect.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../../vocabulary/json.ts";
import { fingerprint, fittingId } from "../../../shared/conversation/tool-ids.ts";
import { named, type Reading, refuse } from "./reading.ts";

const EFFORTS: readonly string[] = ["low", "medium", "high", "xhigh", "max"] satisfies Effort[];

/** What of `output_config` is read. */
const CONFIG = new Set(["effort", "format"]);

/** How to think: `thinking` and `output_config.effort` together. Throws `invalid-request` with the JSON path. */
export function readReasoning(json: JsonObject): Reasoning | undefined {
  const effort = readEffort(objectOf(json["output_config"])["effort"]);
  const thinking = objectOf(json["thinking"]);
  const shown = { show: thinking["display"] !== "omitted" };
  switch (json["thinking"] === null ? undefined : thinking["type"]) {
    case undefined:
      if (isObject(json["thinking"])) return refuse("thinking.type", "is missing. Use adaptive, enabled or disabled");
      return effort === undefined ? undefined : { effort };
    case "disabled":
      return { effort: "none" };
    case "adaptive":
      return { ...(effort === undefined ? {} : { effort }), ...shown };
    case "enabled": {
      const budget = numberOf(thinking["budget_tokens"]);
      if (budget === undefined || !Number.isInteger(budget) || budget < 1) return refuse("thinking.budget_tokens", "must be a positive integer");
      return { ...(effort === undefined ? {} : { effort }), budget, ...shown };
    }
    default:
      return refuse("thinking.type", `is ${named(thinking["type"])}, but must be adaptive, enabled or disabled`);
  }
}

function readEffort(value: Json | undefined): Effort | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === "string" && EFFORTS.includes(value)
    ? (value as Effort)
    : refuse("output_config.effort", `is ${named(value)}, but must be one of ${EFFORTS.join(", ")}`);
}

/** The answer's shape, by its name of today or of yesterday. Throws `invalid-request` with the JSON path. */
export function readFormat(json: JsonObject, reading: Reading): AnswerFormat | undefined {
  const config = objectOf(json["output_config"]);
  for (const name in config) if (!CONFIG.has(name) && config[name] !== null) reading.unsaid.add(`output_config.${name}`);
  const path = isObject(config["format"]) ? "output_config.format" : "output_format";
  const format = config["format"] ?? json["output_format"];
  if (!isObject(format)) return undefined;
  if (format["type"] !== "json_schema") return refuse(`${path}.type`, `is ${named(format["type"])}, but must be json_schema`);
  // Claude is held to it in any case.
  return isObject(format["schema"])
    ? { type: "json-schema", name: "answer", schema: format["schema"], strict: true }
    : refuse(`${path}.schema`, "must be a JSON Schema object");
}

/** Stop sequences; an empty one stops nothing. Throws `invalid-request` with the JSON path. */
export function readStops(value: Json | undefined): string[] {
  const stops = listOf(value).map((stop, index) => stringOf(stop) ?? refuse(`stop_sequences[${index}]`, "must be a string"));
  return stops.filter((stop) => stop !== "");
}

/** OpenAI's word for the tier without capacity bought ahead; the other is what everybody gets unasked. */
export function readServiceTier(value: Json | undefined): string | undefined {
  return value === "standard_only" ? "default" : undefined;
}

/** The longest name of a user, and key of a cache, that OpenAI takes. */
const FITS = /^[\x20-\x7e]{1,64}$/;

/** Whom a request is made for, and in which session, as far as it says. */
interface Origin {
  readonly user?: string;
  readonly cacheKey?: string;
}

/**
 * The end user, in a name OpenAI takes, and the session as the key of a cache. Claude Code writes who it is for into `metadata.user_id` as
 * JSON, older ones as `user_…_account_…_session_…`: the session is no part of the user, and of device and account a mark is enough.
 */
export function readOrigin(json: JsonObject, headers: HeaderView): Origin {
  const given = stringOf(objectOf(json["metadata"])["user_id"]) ?? "";
  const { user, session } = originOf(given);
  const key = headers.get("x-claude-code-session-id") || session;
  return {
    ...(user === undefined || user === "" ? {} : { user: fittingId(user, FITS, "user_") }),
    ...(key === undefined || key === "" ? {} : { cacheKey: fittingId(key, FITS, "session_") }),
  };
}

function originOf(given: string): { readonly user?: string; readonly session?: string } {
  const json = given.startsWith("{") ? objectOf(parseJson(given)) : {};
  const session = stringOf(json["session_id"]);
  const who = [json["account_uuid"], json["device_id"]].map((part) => stringOf(part) ?? "").join("/");
  if (session !== undefined || who !== "/") return { session, ...(who === "/" ? {} : { user: `user_${fingerprint(who)}` }) };
  const older = /^(user_.*)_session_([\w-]+)$/.exec(given);
  return older === null ? { user: given } : { user: `user_${fingerprint(older[1] ?? "")}`, session: older[2] };
}
