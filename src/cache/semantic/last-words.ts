import type { Call, DialectName } from "../../vocabulary/dialect.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf } from "../../vocabulary/json.ts";

/** A conversation in two: what its user said last, and all the rest. */
export interface LastWords {
  readonly text: string;
  /** The body without that text. */
  readonly rest: JsonObject;
}

/** Longer texts are no questions, and more than embedding models take. Characters. */
const LONGEST = 8000;

/** Where each dialect has its conversation, and what a part of plain text looks like in it. */
interface Shape {
  readonly list: string;
  readonly parts: "content" | "parts";
  readonly textTypes: readonly (string | undefined)[];
}

const SHAPES: Readonly<Partial<Record<DialectName, Shape>>> = {
  "openai-chat": { list: "messages", parts: "content", textTypes: ["text"] },
  "openai-responses": { list: "input", parts: "content", textTypes: ["input_text"] },
  "anthropic-messages": { list: "messages", parts: "content", textTypes: ["text"] },
  ollama: { list: "messages", parts: "content", textTypes: [] },
  gemini: { list: "contents", parts: "parts", textTypes: [undefined] },
};

/** What else a message of plain text may hold: who says it, and marks that change its cost. */
const PLAIN_MESSAGE = new Set(["role", "type", "content", "parts", "cache_control"]);
const PLAIN_PART = new Set(["type", "text", "cache_control"]);

/** What the user said last, when it is plain text and the model has no tools: two such requests may ask nearly the same. */
export function lastWords({ dialect, json }: Call<unknown>): LastWords | undefined {
  const shape = SHAPES[dialect];
  if (shape === undefined || listOf(json["tools"]).length > 0 || listOf(json["functions"]).length > 0) return undefined;
  const conversation = json[shape.list];
  if (typeof conversation === "string" && dialect === "openai-responses") return within(conversation, { ...json, [shape.list]: null });
  const messages = listOf(conversation);
  const last = messages.at(-1);
  if (!isObject(last) || (last["role"] ?? "user") !== "user" || !Object.keys(last).every((name) => PLAIN_MESSAGE.has(name))) return undefined;
  const text = textOf(last[shape.parts], shape);
  return text === undefined ? undefined : within(text, { ...json, [shape.list]: [...messages.slice(0, -1), { role: "user" }] });
}

function within(text: string, rest: JsonObject): LastWords | undefined {
  return text.trim() === "" || text.length > LONGEST ? undefined : { text, rest };
}

function textOf(content: Json | undefined, { textTypes }: Shape): string | undefined {
  if (typeof content === "string") return content;
  const parts = listOf(content).map(objectOf);
  const plain = parts.every((part) => {
    const { type, text } = part;
    return typeof text === "string" && textTypes.includes(type as string | undefined) && Object.keys(part).every((name) => PLAIN_PART.has(name));
  });
  return plain && parts.length > 0 ? parts.map(({ text }) => text).join("\n") : undefined;
}
