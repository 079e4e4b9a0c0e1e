import type { ChatRequest } from "../../vocabulary/chat.ts";
import type { ChatCall, Incoming } from "../../vocabulary/dialect.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { checkFields, readBody, readWhenAsked } from "../shared/json/body.ts";
import { readTuning, TUNING_FIELDS } from "../shared/openai/tuning.ts";

/** A `/v1/completions` body, read as far as routing and the express lane need it. */
export function readCompletionCall({ text, headers }: Incoming): ChatCall {
  const json = readBody(text);
  checkFields(json);
  checkOwnFields(json);
  return {
    dialect: "openai-completions",
    model: stringOf(json["model"]) ?? "",
    text,
    headers,
    json,
    stream: json["stream"] === true,
    wantsUsage: objectOf(json["stream_options"])["include_usage"] === true,
    request: readWhenAsked(text, () => readCompletionRequest(json)),
  };
}

/** Top-level fields that have their own word in the neutral request, or none at all; all others are extras. */
const KNOWN = new Set<string>([...TUNING_FIELDS, "model", "prompt", "suffix", "max_tokens", "best_of", "logprobs", "echo", "user"]);

/**
 * A completion as a chat of one user message, for upstreams that only chat. What has no counterpart there (several prompts, token
 * lists, `suffix`, `echo`, `best_of`) throws `invalid-request`. No `max_tokens` stays no bound: OpenAI's old default of 16 is not imposed.
 */
function readCompletionRequest(json: JsonObject): ChatRequest {
  if (typeof json["suffix"] === "string" && json["suffix"] !== "") untranslatable("suffix", "text to complete up to");
  if (json["echo"] === true) untranslatable("echo", "the prompt repeated in the answer");
  if ((numberOf(json["best_of"]) ?? 1) > 1) untranslatable("best_of", "picking among several answers");
  if (isObject(json["response_format"])) untranslatable("response_format", "a format on this old route");
  const extras: JsonObject = {};
  for (const name in json) if (!KNOWN.has(name)) extras[name] = json[name];
  const logprobs = numberOf(json["logprobs"]);
  return {
    model: stringOf(json["model"]) ?? "",
    messages: [{ role: "user", parts: [{ type: "text", text: promptOf(json["prompt"]) }] }],
    tools: [],
    maxTokens: numberOf(json["max_tokens"]),
    ...readTuning(json),
    logprobs: logprobs === undefined ? undefined : { top: logprobs },
    user: stringOf(json["user"]),
    extras,
    origin: "openai-completions",
  };
}

function promptOf(prompt: Json | undefined): string {
  if (typeof prompt === "string") return prompt;
  const only = listOf(prompt)[0];
  if (listOf(prompt).length === 1 && typeof only === "string") return only;
  if (typeof only === "string")
    throw invalidRequest("prompt", "prompt holds several prompts, which this model's provider cannot answer at once. Send one request per prompt.");
  throw invalidRequest("prompt", "prompt holds tokens, which mean nothing to this model's provider. Send the prompt as text.");
}

function untranslatable(field: string, what: string): never {
  throw invalidRequest(field, `${field} (${what}) is not possible with this model: its provider only chats. Leave it out, or use /v1/chat/completions.`);
}

function checkOwnFields(json: JsonObject): void {
  checkPrompt(json["prompt"], json);
  check(json, "logprobs", Number.isInteger, "an integer: how many alternatives to list per token");
  check(json, "best_of", Number.isInteger, "an integer");
  check(json, "echo", (value) => typeof value === "boolean", "a boolean");
  check(json, "suffix", (value) => typeof value === "string", "a string");
  check(
    json,
    "stop",
    (value) => typeof value === "string" || (Array.isArray(value) && value.every((stop) => typeof stop === "string")),
    "a string or a list of strings",
  );
}

function check(json: JsonObject, field: string, fits: (value: Json) => boolean, what: string): void {
  const value = json[field];
  if (value === undefined || value === null || fits(value)) return;
  throw invalidRequest(field, `${field} must be ${what}.`);
}

function checkPrompt(prompt: Json | undefined, json: JsonObject): void {
  if (prompt === undefined || prompt === null) {
    // vLLM takes the prompt's embeddings in its place.
    if (json["prompt_embeds"] !== undefined) return;
    const hint = json["messages"] === undefined ? "" : " A list of messages belongs to /v1/chat/completions.";
    throw invalidRequest("prompt", `prompt is missing. Send the text to complete.${hint}`);
  }
  if (typeof prompt === "string") return;
  if (!Array.isArray(prompt) || prompt.length === 0)
    throw invalidRequest("prompt", "prompt must be a string, a list of strings, or a list of tokens, and not empty.");
  const kind = kindOf(prompt[0]);
  prompt.forEach((entry, index) => {
    if (kind === undefined || kindOf(entry) !== kind)
      throw invalidRequest(`prompt[${index}]`, `prompt[${index}] must be a string, a token, or a list of tokens, like the entries beside it.`);
  });
}

function kindOf(entry: Json | undefined): "text" | "token" | "tokens" | undefined {
  if (typeof entry === "string") return "text";
  if (Number.isInteger(entry)) return "token";
  return Array.isArray(entry) && entry.length > 0 && entry.every(Number.isInteger) ? "tokens" : undefined;
}
