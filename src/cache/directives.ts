import type { HeaderView } from "../vocabulary/dialect.ts";
import { invalidRequest } from "../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject } from "../vocabulary/json.ts";

/** How one request wants the cache used. Durations are milliseconds. */
export interface Directives {
  /** May an answer given before be given again? */
  readonly reads: boolean;
  /** May this answer be kept? */
  readonly keeps: boolean;
  /** Rather none than a fresh one. */
  readonly only: boolean;
  /** Nothing older. */
  readonly maxAge?: number;
  /** How long this answer is kept, instead of what the config says. */
  readonly ttl?: number;
  readonly namespace?: string;
}

const SWITCHES = ["no-cache", "no-store"] as const;
const DURATIONS = ["ttl", "s-maxage"] as const;
const OVERRIDES: ReadonlySet<string> = new Set([...SWITCHES, ...DURATIONS, "namespace"]);
/** No answer stands for longer, whatever a client wants. Milliseconds. */
const LONGEST = 30 * 86_400_000;
const LONGEST_NAMESPACE = 200;

/**
 * Is this value of a body's `cache` field meant for us? LiteLLM's clients send an object of a few names. Anything else is somebody else's
 * word, which goes upstream and counts like any other.
 */
export function isOverride(value: Json | undefined): value is JsonObject {
  return isObject(value) && Object.keys(value).every((name) => OVERRIDES.has(name));
}

/** What `Cache-Control` and the body's `cache` field ask for; where both speak, the stricter counts. Throws `invalid-request` for a field that makes no sense. */
export function directivesOf(headers: HeaderView, field: Json | undefined): Directives {
  const header = headerDirectives(headers.get("cache-control") ?? "");
  if (!isOverride(field)) return header;
  const override = overrideOf(field);
  return {
    reads: header.reads && override.reads,
    keeps: header.keeps && override.keeps,
    only: header.only,
    maxAge: smaller(header.maxAge, override.maxAge),
    ttl: override.ttl,
    namespace: override.namespace,
  };
}

/** https://www.rfc-editor.org/rfc/rfc9111#section-5.2.1, as far as it makes sense here. */
function headerDirectives(header: string): Directives {
  let reads = true;
  let keeps = true;
  let only = false;
  let maxAge: number | undefined;
  for (const word of header === "" ? [] : header.toLowerCase().split(",")) {
    const [name = "", value = ""] = word.trim().split("=");
    switch (name.trim()) {
      case "no-store":
        reads = keeps = false;
        break;
      case "no-cache":
        reads = false;
        break;
      case "only-if-cached":
        only = true;
        break;
      case "max-age":
        if (/^"?\d+"?$/.test(value.trim())) maxAge = smaller(maxAge, Number(value.replaceAll('"', "")) * 1000);
    }
  }
  return { reads, keeps, only, maxAge };
}

function overrideOf(field: JsonObject): Directives {
  for (const name of SWITCHES) {
    const value = field[name] ?? false;
    if (typeof value !== "boolean") throw invalidRequest(`cache.${name}`, `cache.${name} must be true or false.`);
  }
  for (const name of DURATIONS) {
    const value = field[name] ?? 0;
    if (typeof value !== "number" || value < 0) throw invalidRequest(`cache.${name}`, `cache.${name} must be a number of seconds, 0 or more.`);
  }
  const namespace = field["namespace"] ?? undefined;
  if (namespace !== undefined && (typeof namespace !== "string" || namespace.length > LONGEST_NAMESPACE))
    throw invalidRequest("cache.namespace", `cache.namespace must be a text of at most ${LONGEST_NAMESPACE} characters.`);
  const noStore = field["no-store"] === true;
  const ttl = millisecondsOf(field["ttl"]);
  return {
    reads: !noStore && field["no-cache"] !== true,
    keeps: !noStore && ttl !== 0,
    only: false,
    maxAge: millisecondsOf(field["s-maxage"]),
    ttl,
    namespace,
  };
}

function millisecondsOf(seconds: Json | undefined): number | undefined {
  return typeof seconds === "number" ? Math.min(Math.round(seconds * 1000), LONGEST) : undefined;
}

function smaller(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}
