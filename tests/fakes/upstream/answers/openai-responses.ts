import { type Json, type JsonObject, listOf, objectOf } from "../../../../src/vocabulary/json.ts";
import { promptTokens, type Usage } from "../../../../src/vocabulary/usage.ts";
import type { AnswerFrame } from "../framing.ts";
import { type AnswerDialect, type Asked, argumentPieces, CREATED, type WholeAnswer } from "./answer.ts";
import { openaiError } from "./openai-chat.ts";

/** The Responses API's `usage`: input includes what was cached, output what was thought. */
function responsesUsage(usage: Usage): JsonObject {
  const input = promptTokens(usage);
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite5m + usage.cacheWrite1h },
    output_tokens: usage.output,
    output_tokens_details: { reasoning_tokens: usage.reasoning },
    total_tokens: input + usage.output,
  };
}

/** Why an answer is not complete; `undefined` for one that is. */
function incompleteReason({ finish }: WholeAnswer): string | undefined {
  return finish === "length" ? "max_output_tokens" : finish === "content-filter" ? "content_filter" : undefined;
}

/** One thing of `output`, as it is when it is done. */
type Item = JsonObject & { readonly id: string; readonly type: string };

/** The whole answer's output. Thinking is told only to those who ask for its summary, and its encrypted form likewise. */
function outputOf(asked: Asked, answer: WholeAnswer): Item[] {
  const items: Item[] = [];
  const summarised = objectOf(asked.json.reasoning).summary !== undefined;
  const encrypted = listOf(asked.json.include).includes("reasoning.encrypted_content");
  if (answer.thinking.length > 0 || answer.signature !== undefined) {
    const summary = summarised && answer.thinking.length > 0 ? [{ type: "summary_text", text: answer.thinking.join("") }] : [];
    const proof = encrypted ? { encrypted_content: answer.signature ?? `encrypted-${asked.index}` } : {};
    items.push({ id: `rs_fake_${asked.index}`, type: "reasoning", summary, ...proof });
  }
  const content: Json[] = [];
  if (answer.text.length > 0) content.push({ type: "output_text", annotations: [], logprobs: [], text: answer.text.join("") });
  if (answer.refusal !== undefined) content.push({ type: "refusal", refusal: answer.refusal });
  if (content.length > 0) items.push({ id: `msg_fake_${asked.index}`, type: "message", status: "completed", role: "assistant", content });
  answer.toolCalls.forEach((call, index) => {
    const id = `fc_fake_${asked.index}_${index}`;
    items.push({ id, type: "function_call", status: "completed", call_id: call.id, name: call.name, arguments: call.arguments });
  });
  return items;
}

function responseOf(asked: Asked, fields: JsonObject): JsonObject {
  return {
    id: `resp_fake_${asked.index}`,
    object: "response",
    created_at: CREATED,
    status: "in_progress",
    error: null,
    incomplete_details: null,
    model: asked.model,
    output: [],
    parallel_tool_calls: true,
    tool_choice: "auto",
    tools: [],
    usage: null,
    ...fields,
  };
}

function finishedResponse(asked: Asked, answer: WholeAnswer): JsonObject {
  const reason = incompleteReason(answer);
  return responseOf(asked, {
    status: reason === undefined ? "completed" : "incomplete",
    incomplete_details: reason === undefined ? null : { reason },
    output: outputOf(asked, answer),
    usage: answer.usage === undefined ? null : responsesUsage(answer.usage),
  });
}

export const openaiResponses: AnswerDialect = {
  unary: finishedResponse,

  frames(asked, answer) {
    const frames: AnswerFrame[] = [];
    const push = (kind: AnswerFrame["kind"], type: string, rest: JsonObject) => {
      frames.push({ kind, event: type, data: JSON.stringify({ type, sequence_number: frames.length, ...rest }) });
    };
    push("start", "response.created", { response: responseOf(asked, {}) });
    push("start", "response.in_progress", { response: responseOf(asked, {}) });
    const items = outputOf(asked, answer);
    const at = (item: Item): JsonObject => ({ item_id: item.id, output_index: items.indexOf(item) });
    const opened = (item: Item, change: JsonObject) =>
      push("content", "response.output_item.added", { output_index: items.indexOf(item), item: { ...item, status: "in_progress", ...change } });
    const done = (item: Item) => push("content", "response.output_item.done", { output_index: items.indexOf(item), item });

    for (const item of items) {
      if (item.type === "reasoning") pushReasoning(item, answer, { push, at, opened, done });
      if (item.type === "message") pushMessage(item, answer, { push, at, opened, done });
    }
    pushCalls(
      items.filter((item) => item.type === "function_call"),
      answer,
      { push, at, opened, done },
    );
    const finished = finishedResponse(asked, answer);
    push("end", `response.${String(finished.status)}`, { response: finished });
    return frames;
  },

  framing: () => "sse",
  error: openaiError,
  errorFrame: (message) => ({
    kind: "error",
    event: "error",
    data: JSON.stringify({ type: "error", sequence_number: 0, code: "server_error", message, param: null }),
  }),
};

/** How items are told piece by piece. */
interface Telling {
  push(kind: AnswerFrame["kind"], type: string, rest: JsonObject): void;
  /** Where an item stands. */
  at(item: Item): JsonObject;
  opened(item: Item, change: JsonObject): void;
  done(item: Item): void;
}

function pushReasoning(item: Item, answer: WholeAnswer, { push, at, opened, done }: Telling): void {
  opened(item, { summary: [], encrypted_content: undefined });
  const [part] = listOf(item.summary);
  if (part !== undefined) {
    const where = { ...at(item), summary_index: 0 };
    push("content", "response.reasoning_summary_part.added", { ...where, part: { type: "summary_text", text: "" } });
    for (const delta of answer.thinking) push("content", "response.reasoning_summary_text.delta", { ...where, delta });
    push("content", "response.reasoning_summary_text.done", { ...where, text: answer.thinking.join("") });
    push("content", "response.reasoning_summary_part.done", { ...where, part });
  }
  done(item);
}

function pushMessage(item: Item, answer: WholeAnswer, { push, at, opened, done }: Telling): void {
  opened(item, { content: [] });
  listOf(item.content).forEach((part, index) => {
    const where = { ...at(item), content_index: index };
    const spoken = objectOf(part).type === "output_text";
    const empty = spoken ? { type: "output_text", annotations: [], logprobs: [], text: "" } : { type: "refusal", refusal: "" };
    push("content", "response.content_part.added", { ...where, part: empty });
    if (spoken) {
      for (const delta of answer.text) push("content", "response.output_text.delta", { ...where, delta, logprobs: [] });
      push("content", "response.output_text.done", { ...where, text: answer.text.join(""), logprobs: [] });
    } else {
      push("content", "response.refusal.delta", { ...where, delta: answer.refusal });
      push("content", "response.refusal.done", { ...where, refusal: answer.refusal });
    }
    push("content", "response.content_part.done", { ...where, part });
  });
  done(item);
}

/** A call opens just before its first arguments, so interleaved calls open early. */
function pushCalls(items: readonly Item[], answer: WholeAnswer, { push, at, opened, done }: Telling): void {
  const left = answer.toolCalls.map((call) => Math.max(1, call.arguments.length));
  const begun = new Set<number>();
  for (const piece of argumentPieces(answer)) {
    const item = items[piece.call];
    if (item === undefined) continue;
    if (!begun.has(piece.call)) opened(item, { arguments: "" });
    begun.add(piece.call);
    push("content", "response.function_call_arguments.delta", { ...at(item), delta: piece.text });
    left[piece.call] = (left[piece.call] ?? 0) - Math.max(1, piece.text.length);
    if ((left[piece.call] ?? 0) > 0) continue;
    push("content", "response.function_call_arguments.done", { ...at(item), arguments: item.arguments });
    done(item);
  }
}
