import { type JsonObject, listOf, objectOf } from "../vocabulary/json.ts";

/** Text in pieces the size of tokens; joined they are the text again. */
export function tokensOf(text: string): string[] {
  return text.match(/\s*\S{1,6}|\s+$/gu) ?? [];
}

/** Prompt tokens of a chat request: its messages and tools, and a few for the frame of each message. */
export function promptTokensOf(request: JsonObject): number {
  const messages = listOf(request.messages);
  let count = messages.length * 3 + 1;
  for (const message of messages) {
    const content = objectOf(message).content;
    count += tokensOf(typeof content === "string" ? content : JSON.stringify(content ?? "")).length;
  }
  const tools = listOf(request.tools);
  return tools.length > 0 ? count + tokensOf(JSON.stringify(tools)).length : count;
}

/** A unit-length vector in which texts that share words are near. */
export function embeddingOf(text: string, dimensions: number): number[] {
  const vector = new Array<number>(dimensions).fill(0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [""]) {
    const hash = hashOf(word);
    const at = hash % dimensions;
    vector[at] = (vector[at] ?? 0) + (hash & 0x8000 ? 1 : -1);
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => Math.fround(value / length));
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619);
  return hash >>> 0;
}
