import { type JsonObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { type Edits, editElements, editTopLevel } from "../../shared/json/edits.ts";

/** Shorter bodies are not worth it: the least Claude caches is 1,024 tokens, of some models four times that. Characters. */
const SHORTEST = 8192;
const MARK = '{"type":"ephemeral"}';

/**
 * The body with marks for Claude's prompt cache: at the end of what conversations share (the system prompt, else the tools), and, by the
 * mark of the whole request, at the end of what this one has said so far. A body with marks of its client's own, or too short to gain by
 * it, is left alone. See Anthropic's "Prompt caching", automatic caching.
 */
export function markCache(text: string, json: JsonObject): string {
  if (text.length < SHORTEST || text.includes('"cache_control"')) return text;
  return editTopLevel(text, { set: { cache_control: MARK, ...sharedMark(json) } });
}

function sharedMark({ system, tools }: JsonObject): Edits["set"] {
  if (typeof system === "string" && system !== "") return { system: (old = '""') => `[{"type":"text","text":${old},"cache_control":${MARK}}]` };
  const blocks = listOf(system).length;
  if (blocks > 0 && stringOf(objectOf(listOf(system).at(-1))["text"]) !== "") return { system: (old = "[]") => lastMarked(old, blocks) };
  return listOf(tools).length > 0 ? { tools: (old = "[]") => lastMarked(old, listOf(tools).length) } : {};
}

function lastMarked(list: string, length: number): string {
  let index = 0;
  return editElements(list, (element) => (++index === length ? editTopLevel(element, { set: { cache_control: MARK } }) : element));
}
