import type { AnswerFormat, ChatRequest, TextPart } from "../../../vocabulary/chat.ts";
import type { Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { invalidRequest } from "../../../vocabulary/failure.ts";
import { isObject, type JsonObject } from "../../../vocabulary/json.ts";
import { conversationOf } from "../../shared/conversation/turns.ts";
import { fitBody } from "../../shared/json/fit-body.ts";
import { placeOf, refusedMessages } from "../../shared/places.ts";
import { untakenKnobs } from "../../shared/tuning/knobs.ts";
import { refuseMoreThanOneText } from "../../shared/tuning/one-text.ts";
import { textBlock } from "./blocks.ts";
import { markCache } from "./mark-cache.ts";
import { strictSchema } from "./schema.ts";
import { writeThinking } from "./write-thinking.ts";
import { writeTools } from "./write-tools.ts";
import { KNOBS, writeMetadata, writeSampling, writeServiceTier, writeStops } from "./write-tuning.ts";
import { arrange, contentOf, sendable, writeTurns } from "./write-turns.ts";
import type { Writing } from "./writing.ts";

/** The most `cache_control` marks Claude takes in one request. */
const MOST_CACHE_MARKS = 4;

const JSON_ONLY = "Answer with one valid JSON object and nothing else: no explanation, no code fence.";

/**
 * A request of another dialect as a body for `POST /v1/messages`, for the quirks of its destination. The fields stand in one fixed
 * order, so that equal requests are equal bytes. Throws `invalid-request` for a meaning Claude has no way to take in.
 */
export function writeMessagesRequest(request: ChatRequest, destination: Destination): Outgoing {
  const { model, profile } = destination;
  const writing: Writing = { request, model, profile, warnings: [], betas: new Set() };
  refuseMoreThanOneText(request);

  const conversation = conversationOf(sendable(request.messages));
  const opening = conversation.turns.length === 0;
  if (opening && conversation.system.length === 0) throw refusedMessages(request.messages, "holds no text at all. Say something.");
  // Claude needs a user's turn: a system message all alone is one.
  const turns = arrange(opening ? [{ role: "user", results: [], parts: conversation.system }] : conversation.turns, profile.midSystem === true);
  if (turns.at(-1)?.role === "assistant" && !profile.prefill)
    throw invalidRequest(
      placeOf(request.messages.at(-1), `messages[${request.messages.length - 1}]`),
      `The last message is an assistant's, and ${model} cannot continue it. End with a user's or a tool's message.`,
    );

  const maxTokens = writeMaxTokens(writing);
  const { tools, choice, forced } = writeTools(turns, writing);
  const thinking = writeThinking({ turns, maxTokens, forced }, writing);
  const format = writeFormat(request.format, writing);
  const system = [...(opening ? [] : conversation.system), ...format.instructions];
  const outputConfig = {
    ...(thinking.effort === undefined ? {} : { effort: thinking.effort }),
    ...(format.field === undefined ? {} : { format: format.field }),
  };

  // A client of this very dialect, whose request had to be written anew, keeps what it says beyond our words.
  const own = request.origin === "anthropic-messages" ? request.extras : {};
  const body: JsonObject = {
    ...own,
    model,
    max_tokens: maxTokens,
    system: system.length === 0 ? undefined : contentOf(system.map(textBlock)),
    messages: writeTurns(turns, writing),
    tools,
    tool_choice: choice,
    thinking: thinking.thinking,
    output_config: Object.keys(outputConfig).length === 0 ? undefined : outputConfig,
    ...writeSampling(thinking.on, writing),
    stop_sequences: writeStops(writing),
    metadata: writeMetadata(writing),
    service_tier: writeServiceTier(writing),
    stream: request.stream ? true : undefined,
  };
  limitCacheMarks(body, writing);
  writing.warnings.push(...untakenKnobs(request, new Set([...KNOBS, ...Object.keys(own)]), model));
  fitBody(body, destination, writing.warnings);
  const text = JSON.stringify(body);
  return {
    body: profile.promptCache ? markCache(text, body) : text,
    warnings: writing.warnings,
    ...(writing.betas.size === 0 ? {} : { headers: { "anthropic-beta": [...writing.betas].join(",") } }),
  };
}

/** The client's bound, or the profile's; never more than the model gives, which Claude would refuse. */
function writeMaxTokens({ request, profile, model, warnings }: Writing): number {
  const { maxOutput, defaultMaxTokens } = profile;
  if (request.maxTokens === undefined) {
    // A thinking budget named without a bound comes on top of what is usually left for the answer.
    const budget = profile.thinking === "budget" ? Math.max(0, request.reasoning?.budget ?? 0) : 0;
    return Math.min(defaultMaxTokens + budget, maxOutput ?? Number.POSITIVE_INFINITY);
  }
  if (request.maxTokens < 1) throw invalidRequest("max_tokens", `max_tokens must be at least 1, and is ${request.maxTokens}.`);
  if (maxOutput === undefined || request.maxTokens <= maxOutput) return request.maxTokens;
  warnings.push(`max_tokens was lowered from ${request.maxTokens} to ${maxOutput}, the most ${model} generates.`);
  return maxOutput;
}

/** How the answer's shape is asked for: by a schema Claude enforces, or in words. */
function writeFormat(format: AnswerFormat | undefined, { profile, model, warnings }: Writing): { field?: JsonObject; instructions: TextPart[] } {
  if (format === undefined || format.type === "text") return { instructions: [] };
  if (format.type === "json" || Object.keys(format.schema).length === 0) return { instructions: [{ type: "text", text: JSON_ONLY }] };
  if (profile.drop.includes("output_config")) {
    warnings.push(`the JSON schema is asked for in words: ${model} does not enforce one.`);
    return { instructions: [{ type: "text", text: `${JSON_ONLY} It must match this JSON Schema: ${JSON.stringify(format.schema)}` }] };
  }
  const schema = strictSchema(format.schema);
  if (format.description !== undefined) schema["description"] ??= format.description;
  return { field: { type: "json_schema", schema }, instructions: [] };
}

/** Keeps the first mark, which conversations share, and the last ones, which a growing conversation reads next time. */
function limitCacheMarks(body: JsonObject, { warnings }: Writing): void {
  const marked: JsonObject[] = [];
  const visit = (value: unknown): void => {
    if (!Array.isArray(value)) return;
    for (const item of value) {
      if (!isObject(item)) continue;
      visit(item["content"]);
      if (item["cache_control"] !== undefined) marked.push(item);
    }
  };
  for (const name of ["tools", "system", "messages"]) visit(body[name]);
  if (marked.length <= MOST_CACHE_MARKS) return;
  warnings.push(`${marked.length - MOST_CACHE_MARKS} cache_control marks were dropped: at most ${MOST_CACHE_MARKS} are accepted.`);
  for (const block of marked.slice(1, marked.length - MOST_CACHE_MARKS + 1)) delete block["cache_control"];
}
