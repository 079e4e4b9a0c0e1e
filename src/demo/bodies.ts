import { type Json, type JsonObject, listOf, numberOf, objectOf, stringOf } from "../vocabulary/json.ts";
import type { DemoAnswer } from "./answer.ts";
import { promptTokensOf, tokensOf } from "./tokens.ts";

/** One answer of the simulated provider, ready to be written whole or as a stream. */
export interface DemoTurn {
  readonly request: JsonObject;
  readonly answer: DemoAnswer;
  readonly id: string;
  /** Seconds since 1970. */
  readonly created: number;
}

interface Cut {
  readonly thinking: readonly string[];
  readonly text: readonly string[];
  readonly finish: "stop" | "length" | "tool_calls";
}

/** The answer's tokens after `stop` and the token limit, and why it ends. */
function cutOf({ request, answer }: DemoTurn): Cut {
  const limit = numberOf(request.max_completion_tokens) ?? numberOf(request.max_tokens) ?? Number.POSITIVE_INFINITY;
  const thinking = tokensOf(answer.thinking);
  const text = tokensOf(beforeStop(answer.text, request.stop));
  if (thinking.length + text.length > limit) {
    return { thinking: thinking.slice(0, limit), text: text.slice(0, Math.max(0, limit - thinking.length)), finish: "length" };
  }
  return { thinking, text, finish: answer.toolCalls.length > 0 ? "tool_calls" : "stop" };
}

function beforeStop(text: string, stop: Json | undefined): string {
  const marks = (typeof stop === "string" ? [stop] : listOf(stop)).filter((mark) => typeof mark === "string" && mark !== "") as string[];
  return marks.reduce((rest, mark) => rest.split(mark)[0] ?? "", text);
}

function usageOf(turn: DemoTurn, cut: Cut): JsonObject {
  const tools = turn.answer.toolCalls.reduce((sum, call) => sum + tokensOf(call.name + call.arguments).length, 0);
  const prompt = promptTokensOf(turn.request);
  const completion = (cut.thinking.length + cut.text.length + tools) * choicesOf(turn.request);
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: cut.thinking.length * choicesOf(turn.request) },
  };
}

function choicesOf(request: JsonObject): number {
  return Math.min(Math.max(1, numberOf(request.n) ?? 1), 16);
}

/** OpenAI's `chat.completion`. */
export function chatBody(turn: DemoTurn): JsonObject {
  const cut = cutOf(turn);
  const message: JsonObject = { role: "assistant", content: turn.answer.toolCalls.length > 0 ? null : cut.text.join(""), refusal: null };
  if (cut.thinking.length > 0) message.reasoning_content = cut.thinking.join("");
  if (turn.answer.toolCalls.length > 0)
    message.tool_calls = turn.answer.toolCalls.map((call, index) => ({ id: callId(turn, index), type: "function", function: { ...call } }));
  const choices = Array.from({ length: choicesOf(turn.request) }, (_, index) => ({ index, message, logprobs: null, finish_reason: cut.finish }));
  return { id: turn.id, object: "chat.completion", created: turn.created, model: turn.request.model, choices, usage: usageOf(turn, cut) };
}

/** OpenAI's `chat.completion.chunk`s, `[DONE]` not included. */
export function* chatChunks(turn: DemoTurn): Generator<JsonObject> {
  const { id, created, request, answer } = turn;
  const cut = cutOf(turn);
  const chunk = (rest: JsonObject): JsonObject => ({ id, object: "chat.completion.chunk", created, model: request.model, ...rest });
  const many = choicesOf(request);
  function* say(delta: JsonObject, finish: string | null = null): Generator<JsonObject> {
    for (let index = 0; index < many; index++) yield chunk({ choices: [{ index, delta, logprobs: null, finish_reason: finish }] });
  }
  yield* say({ role: "assistant", content: "" });
  for (const token of cut.thinking) yield* say({ reasoning_content: token });
  for (const token of cut.text) yield* say({ content: token });
  for (const [index, call] of answer.toolCalls.entries()) {
    yield* say({ tool_calls: [{ index, id: callId(turn, index), type: "function", function: { name: call.name, arguments: "" } }] });
    for (const token of tokensOf(call.arguments)) yield* say({ tool_calls: [{ index, function: { arguments: token } }] });
  }
  yield* say({}, cut.finish);
  if (objectOf(request.stream_options).include_usage === true) yield chunk({ choices: [], usage: usageOf(turn, cut) });
}

function callId(turn: DemoTurn, index: number): string {
  return `call_${turn.id.replace(/^.*-/, "")}${index}`;
}

/** OpenAI's `text_completion`. */
export function completionBody(turn: DemoTurn): JsonObject {
  const cut = cutOf(turn);
  const choices = Array.from({ length: choicesOf(turn.request) }, (_, index) => ({
    index,
    text: cut.text.join(""),
    logprobs: null,
    finish_reason: cut.finish,
  }));
  return { id: turn.id, object: "text_completion", created: turn.created, model: turn.request.model, choices, usage: usageOf(turn, cut) };
}

/** OpenAI's streamed `text_completion`s, `[DONE]` not included. */
export function* completionChunks(turn: DemoTurn): Generator<JsonObject> {
  const { id, created, request } = turn;
  const cut = cutOf(turn);
  const chunk = (text: string, finish: string | null): JsonObject => ({
    id,
    object: "text_completion",
    created,
    model: request.model,
    choices: [{ index: 0, text, logprobs: null, finish_reason: finish }],
  });
  for (const token of cut.text) yield chunk(token, null);
  yield chunk("", cut.finish);
  if (objectOf(request.stream_options).include_usage === true) yield { ...chunk("", null), choices: [], usage: usageOf(turn, cut) };
}

/** A text completion's prompt as the chat it stands for. */
export function asChat(request: JsonObject): JsonObject {
  const prompt = Array.isArray(request.prompt) ? request.prompt[0] : request.prompt;
  return { ...request, messages: [{ role: "user", content: stringOf(prompt) ?? "" }] };
}
