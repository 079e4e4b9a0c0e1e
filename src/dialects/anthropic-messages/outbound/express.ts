import type { ChatCall, Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";
import { isAnthropicProof } from "../../shared/conversation/proofs.ts";
import { type Edits, editElements, editTopLevel } from "../../shared/json/edits.ts";
import { markCache } from "./mark-cache.ts";

/**
 * The express lane: the client's own text with the model's name edited in it, and without what another upstream gave its conversation and
 * Anthropic refuses to see, thinking it did not sign itself first of all. Untouched, to the byte, when nothing needs an edit.
 */
export function expressMessages(call: ChatCall, destination: Destination): Outgoing {
  const body = ownBody(call, destination);
  return { body: destination.profile.promptCache ? markCache(body, call.json) : body, warnings: [] };
}

function ownBody(call: ChatCall, destination: Destination): string {
  const foreign = listOf(call.json["messages"]).some(holdsForeign);
  if (call.model === destination.model && !foreign) return call.text;
  const set: Edits["set"] = {
    ...(call.model === destination.model ? {} : { model: JSON.stringify(destination.model) }),
    ...(foreign ? WITHOUT_FOREIGN : {}),
  };
  return editTopLevel(call.text, { set });
}

// Of two members of one name only the last counts, so the first may be anything.
const WITHOUT_FOREIGN: Edits["set"] = { messages: (old = "[]") => (old.startsWith("[") ? editElements(old, withoutForeign) : old) };

function holdsForeign(message: Json): boolean {
  const { role, content } = objectOf(message);
  return role === "assistant" && listOf(content).some((block) => isForeign(objectOf(block)) || citesForeign(objectOf(block)));
}

/** Thinking without a proof, or with somebody else's. */
function isForeign(block: JsonObject): boolean {
  if (block["type"] === "thinking") return !isAnthropicProof(stringOf(block["signature"]));
  return block["type"] === "redacted_thinking" && !isAnthropicProof(stringOf(block["data"]));
}

/** A text with a source that Anthropic's own search did not find. */
function citesForeign(block: JsonObject): boolean {
  return block["type"] === "text" && listOf(block["citations"]).some(isForeignCitation);
}

function isForeignCitation(citation: Json): boolean {
  return isObject(citation) && citation["type"] === "web_search_result_location" && !citation["encrypted_index"];
}

/** A message's text without what is foreign in it; `undefined` for a message of nothing else. */
function withoutForeign(message: string): string | undefined {
  const json = JSON.parse(message) as Json;
  if (!holdsForeign(json)) return message;
  if (listOf(objectOf(json)["content"]).every((block) => isForeign(objectOf(block)))) return undefined;
  return editTopLevel(message, { set: { content: (old = "[]") => (old.startsWith("[") ? editElements(old, ownBlock) : old) } });
}

function ownBlock(block: string): string | undefined {
  const json = objectOf(JSON.parse(block));
  if (isForeign(json)) return undefined;
  return citesForeign(json) ? editTopLevel(block, { set: { citations: (old = "[]") => (old.startsWith("[") ? editElements(old, ownCitation) : old) } }) : block;
}

function ownCitation(citation: string): string | undefined {
  return isForeignCitation(JSON.parse(citation) as Json) ? undefined : citation;
}
