import type { FinishReason } from "../../../../src/vocabulary/events.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../../src/vocabulary/json.ts";
import { type Usage, usageOf } from "../../../../src/vocabulary/usage.ts";
import type { AnswerFrame, Framing } from "../framing.ts";

/** What the fake model says, in no dialect's words. */
export interface Answer {
  /** A string is streamed word by word, a list piece by piece. */
  readonly text?: string | readonly string[];
  readonly thinking?: string | readonly string[];
  /** Proof of the thinking: Anthropic's `signature`, Gemini's `thoughtSignature`. */
  readonly signature?: string;
  readonly refusal?: string;
  readonly toolCalls?: readonly FakeToolCall[];
  /** The arguments of several tool calls come in turns, a piece of each. */
  readonly interleaved?: boolean;
  readonly finish?: FinishReason;
  /** Merged over counts of words; `false`: the answer reports no usage at all. */
  readonly usage?: Partial<Usage> | false;
}

export interface FakeToolCall {
  readonly id?: string;
  readonly name: string;
  /** A string is sent as it is, valid JSON or not. */
  readonly arguments: JsonObject | string;
}

/** What was asked, as far as an answer depends on it. */
export interface Asked {
  readonly model: string;
  readonly json: JsonObject;
  readonly path: string;
  /** Counts the requests of this fake from 0: ids are made from it. */
  readonly index: number;
  readonly stream: boolean;
}

/** An answer with nothing left open. */
export interface WholeAnswer {
  readonly text: readonly string[];
  readonly thinking: readonly string[];
  readonly signature?: string;
  readonly refusal?: string;
  readonly toolCalls: readonly WholeToolCall[];
  readonly interleaved: boolean;
  readonly finish: FinishReason;
  readonly usage?: Usage;
}
export interface WholeToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** One wire format, as an upstream speaks it. */
export interface AnswerDialect {
  /** The whole answer as one JSON body. */
  unary(asked: Asked, answer: WholeAnswer): Json;
  frames(asked: Asked, answer: WholeAnswer): AnswerFrame[];
  framing(asked: Asked): Framing;
  /** The body of a failing status. */
  error(status: number, message: string): Json;
  /** The frame of a failure inside a started stream. */
  errorFrame(message: string): AnswerFrame;
}

/** Seconds since 1970 in every answer: tests compare whole bodies. */
export const CREATED = 1_700_000_000;

/** Fills in what a script left open; without an answer, one is made from the request (see `answerTo`). */
export function wholeAnswer(asked: Asked, given: Answer | undefined): WholeAnswer {
  const answer = given ?? answerTo(asked);
  const text = pieces(answer.text ?? "");
  const thinking = pieces(answer.thinking ?? "");
  const toolCalls = (answer.toolCalls ?? []).map((call, index) => ({
    id: call.id ?? `call_fake_${asked.index}_${index}`,
    name: call.name,
    arguments: typeof call.arguments === "string" ? call.arguments : JSON.stringify(call.arguments),
  }));
  const counted = { input: words(JSON.stringify(asked.json)), output: text.length + thinking.length + toolCalls.length * 5, reasoning: thinking.length };
  return {
    text,
    thinking,
    toolCalls,
    signature: answer.signature,
    refusal: answer.refusal,
    interleaved: answer.interleaved ?? false,
    finish: answer.finish ?? (toolCalls.length > 0 ? "tool-calls" : answer.refusal === undefined ? "stop" : "refusal"),
    usage: answer.usage === false ? undefined : usageOf({ ...counted, ...answer.usage }),
  };
}

/**
 * The fake's own answer: it calls every offered tool that the last user text names, thinks when the text says `think`,
 * refuses when it says `refuse`, and says the text back otherwise.
 */
function answerTo(asked: Asked): Answer {
  const said = lastUserText(asked.json);
  const named = toolNames(asked.json).filter((name) => said.includes(name));
  const thinking = /\bthink/i.test(said) ? "The user wants an echo." : undefined;
  if (named.length > 0) {
    return { thinking, toolCalls: named.map((name) => ({ name, arguments: { city: "Paris", unit: "celsius" } })), interleaved: /interleave/i.test(said) };
  }
  if (/\brefuse\b/i.test(said)) return { refusal: "I cannot help with that." };
  return { thinking, text: `You said: ${said}` };
}

function pieces(text: string | readonly string[]): readonly string[] {
  return typeof text === "string" ? (text.match(/\S+\s*|\s+/g) ?? []) : text;
}

function words(text: string): number {
  return text.match(/\w+/g)?.length ?? 0;
}

/** The text of the last user turn in any dialect's request; empty when there is none. */
export function lastUserText(json: JsonObject): string {
  const prompt = stringOf(json.prompt) ?? stringOf(listOf(json.prompt)[0]);
  if (prompt !== undefined) return prompt;
  const input = stringOf(json.input);
  if (input !== undefined) return input;
  for (const turn of [...listOf(json.messages), ...listOf(json.contents), ...listOf(json.input)].reverse()) {
    const message = objectOf(turn);
    if (message.role !== undefined && message.role !== "user") continue;
    const text = textOf(message.content ?? message.parts);
    if (text !== "") return text;
  }
  return "";
}

function textOf(content: Json | undefined): string {
  if (typeof content === "string") return content;
  return listOf(content)
    .map((part) => stringOf(objectOf(part).text) ?? "")
    .join("");
}

function toolNames(json: JsonObject): string[] {
  const names: string[] = [];
  for (const tool of listOf(json.tools)) {
    const { name, function: inner, functionDeclarations } = objectOf(tool);
    for (const one of [name, objectOf(inner).name, ...listOf(functionDeclarations).map((declaration) => objectOf(declaration).name)]) {
      if (typeof one === "string") names.push(one);
    }
  }
  return names;
}

/** Tool arguments in stream order: one call after the other, or a piece of each in turns. */
export function argumentPieces(answer: WholeAnswer): { call: number; text: string }[] {
  const perCall = answer.toolCalls.map((call, index) => (call.arguments.match(/[\s\S]{1,8}/g) ?? [""]).map((text) => ({ call: index, text })));
  if (!answer.interleaved) return perCall.flat();
  const turns: { call: number; text: string }[] = [];
  for (let at = 0; perCall.some((list) => at < list.length); at++) for (const list of perCall) turns.push(...list.slice(at, at + 1));
  return turns;
}

/** Tool arguments as the object dialects that send objects need; text that is no JSON object becomes empty. */
export function argumentsObject(call: WholeToolCall): JsonObject {
  try {
    const value: unknown = JSON.parse(call.arguments);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

/** A number in the request, or what to take without it. */
export function numberIn(json: JsonObject, name: string, otherwise: number): number {
  const value = json[name];
  return typeof value === "number" ? value : otherwise;
}
