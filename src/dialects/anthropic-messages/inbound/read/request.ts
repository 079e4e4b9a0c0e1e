import type { ChatRequest } from "../../../../vocabulary/chat.ts";
import type { HeaderView } from "../../../../vocabulary/dialect.ts";
import { type JsonObject, listOf, numberOf, stringOf } from "../../../../vocabulary/json.ts";
import { checkFields, type FieldType } from "../../../shared/json/body.ts";
import { readMessage, readSystem } from "./messages.ts";
import { named, type Reading, refuse } from "./reading.ts";
import { readTools } from "./tools.ts";
import { readFormat, readOrigin, readReasoning, readServiceTier, readStops } from "./tuning.ts";

/** Top-level fields that are read into words of ours; all others are extras. */
const FIELDS: ReadonlyMap<string, FieldType | undefined> = new Map(
  Object.entries<FieldType | undefined>({
    model: "string",
    max_tokens: "integer",
    messages: "array",
    system: undefined,
    tools: "array",
    tool_choice: "object",
    thinking: "object",
    output_config: "object",
    output_format: "object",
    stop_sequences: "array",
    temperature: "number",
    top_p: "number",
    top_k: "integer",
    stream: "boolean",
    metadata: "object",
    service_tier: "string",
    mcp_servers: "array",
    inference_geo: "string",
  }),
);
const TYPES = new Map([...FIELDS].flatMap(([name, type]) => (type === undefined ? [] : [[name, type] as const])));

/** A Messages body in neutral words. Throws `invalid-request` with the JSON path for what cannot be understood, or said to anybody else. */
export function readMessagesRequest(json: JsonObject, headers: HeaderView): ChatRequest {
  checkFields(json, TYPES);
  refuseImpossible(json);
  const reading: Reading = { unsaid: new Set() };
  const extras: JsonObject = {};
  for (const name in json) if (!FIELDS.has(name)) extras[name] = json[name];
  return {
    model: stringOf(json["model"]) ?? "",
    messages: [...readSystem(json["system"]), ...listOf(json["messages"]).flatMap((message, index) => readMessage(message, `messages[${index}]`, reading))],
    ...readTools(json, reading),
    maxTokens: numberOf(json["max_tokens"]),
    temperature: numberOf(json["temperature"]),
    topP: numberOf(json["top_p"]),
    topK: numberOf(json["top_k"]),
    stop: readStops(json["stop_sequences"]),
    choices: 1,
    format: readFormat(json, reading),
    reasoning: readReasoning(json),
    stream: json["stream"] === true,
    ...readOrigin(json, headers),
    serviceTier: readServiceTier(json["service_tier"]),
    extras,
    ...warningsOf(reading),
    origin: "anthropic-messages",
  };
}

function warningsOf({ unsaid }: Reading): Pick<ChatRequest, "warnings"> {
  const names = [...unsaid];
  if (names.length === 0) return {};
  return {
    warnings: [`${names.join(", ")} ${names.length === 1 ? "was" : "were"} dropped: only Claude has anything like ${names.length === 1 ? "it" : "them"}.`],
  };
}

/** What only Anthropic does, and what would be another answer, or another place, without it. */
function refuseImpossible(json: JsonObject): void {
  if (json["max_tokens"] === 0) refuse("max_tokens", "is 0, which only Claude's caches are warmed with. Ask for at least one token");
  if (listOf(json["mcp_servers"]).length > 0)
    refuse("mcp_servers", "names servers that Anthropic would call, which this model's provider does not. Offer their tools in tools");
  const { inference_geo: geo } = json;
  if (typeof geo === "string" && geo !== "global" && geo !== "not_available")
    refuse("inference_geo", `is ${named(geo)}, which cannot be promised for this model's provider. Leave it out, or choose a Claude model`);
}
