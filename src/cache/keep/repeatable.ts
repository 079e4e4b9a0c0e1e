import type { Call, DialectName } from "../../vocabulary/dialect.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../vocabulary/json.ts";

/** A request that must be asked anew each time, and why. */
interface AskedAnew {
  readonly is: (json: JsonObject) => boolean;
  readonly why: string;
}

const FOUND = "what a provider's own tools find is of the moment, and more than the answer's own words";
const hosted = (isOurs: (tool: JsonObject) => boolean): AskedAnew => ({
  is: ({ tools }) => listOf(tools).some((tool) => isObject(tool) && !isOurs(tool)),
  why: FOUND,
});
const given = (field: string, why: string): AskedAnew => ({ is: (json) => isGiven(json[field]), why });

/** Tools that Anthropic's clients run themselves, though Anthropic describes them. */
const CLIENTS_OWN = /^(custom|(bash|text_editor|computer|memory)_\d+)$/;

const ASKED_ANEW: Readonly<Partial<Record<DialectName, readonly AskedAnew[]>>> = {
  "openai-chat": [
    hosted(({ type }) => type === undefined || type === null || type === "function"),
    given("web_search_options", FOUND),
    given("audio", "a spoken answer is kept by its provider for an hour, and referred to by id"),
  ],
  "openai-responses": [
    hosted(({ type }) => type === "function" || type === "custom" || type === "namespace"),
    { is: ({ background }) => background === true, why: "it goes on without us" },
    given("conversation", "every call adds to it"),
  ],
  "anthropic-messages": [
    hosted(({ type }) => type === undefined || type === null || CLIENTS_OWN.test(String(type))),
    given("mcp_servers", FOUND),
    given("container", "every call may change what is in it"),
    { is: ({ messages }) => asksForCitations(messages), why: "citations of the client's own documents have no words of ours" },
  ],
  gemini: [hosted((tool) => Object.keys(tool).every((name) => name === "functionDeclarations" || name === "function_declarations"))],
};

/** Can an answer to this request be given again, whole, from what is kept of answers? */
export function isRepeatable({ dialect, json }: Call<unknown>): boolean {
  return !(ASKED_ANEW[dialect] ?? []).some(({ is }) => is(json));
}

function isGiven(value: Json | undefined): boolean {
  return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
}

function asksForCitations(messages: Json | undefined): boolean {
  return listOf(messages).some((message) => hasCitations(objectOf(message)["content"], 0));
}

/** Documents stand in a message, or in a tool's result in it. */
function hasCitations(content: Json | undefined, depth: number): boolean {
  return listOf(content).some((block) => {
    const { type, citations, content: inner } = objectOf(block);
    return (objectOf(citations)["enabled"] === true && stringOf(type) !== "text") || (depth < 2 && hasCitations(inner, depth + 1));
  });
}

/** Where each dialect's clients say how long an answer may be. */
const MOST_TOKENS: Readonly<Partial<Record<DialectName, readonly (readonly [string, ...string[]])[]>>> = {
  "openai-chat": [["max_completion_tokens"], ["max_tokens"]],
  "openai-completions": [["max_tokens"]],
  "openai-responses": [["max_output_tokens"]],
  "anthropic-messages": [["max_tokens"]],
  gemini: [
    ["generationConfig", "maxOutputTokens"],
    ["generation_config", "max_output_tokens"],
    ["generationConfig", "max_output_tokens"],
    ["generation_config", "maxOutputTokens"],
  ],
  ollama: [["options", "num_predict"]],
  "ollama-generate": [["options", "num_predict"]],
};

/** Did the client itself say how long the answer may be at most? Else one that ends for its length was cut by somebody else. */
export function boundsItsAnswer({ dialect, json }: Call<unknown>): boolean {
  return (MOST_TOKENS[dialect] ?? []).some((path) => {
    let value: Json | undefined = json;
    for (const step of path) value = objectOf(value)[step];
    return typeof value === "number" && value > 0;
  });
}
