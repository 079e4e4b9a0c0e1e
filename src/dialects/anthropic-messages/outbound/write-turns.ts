import type { AssistantPart, ImagePart, Message, ToolCallPart, UserPart } from "../../../vocabulary/chat.ts";
import { type JsonObject, objectOf, parseJson } from "../../../vocabulary/json.ts";
import { systemAsText } from "../../shared/conversation/mid-system.ts";
import { isAnthropicProof } from "../../shared/conversation/proofs.ts";
import { fittingId } from "../../shared/conversation/tool-ids.ts";
import type { ToolResult, Turn } from "../../shared/conversation/turns.ts";
import { pathOf, placed } from "../../shared/places.ts";
import { cacheControl, textBlock, userBlock } from "./blocks.ts";
import type { Writing } from "./writing.ts";

const CALL_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** Messages without what Claude would refuse to see again: an assistant's empty text, and thinking without its own signature. */
export function sendable(messages: readonly Message[]): Message[] {
  return messages.map((message) =>
    message.role === "assistant" && !message.parts.every(isSendable) ? { ...message, parts: message.parts.filter(isSendable) } : message,
  );
}

function isSendable(part: AssistantPart): boolean {
  if (part.type === "text" || part.type === "refusal") return part.text.trim() !== "";
  return part.type !== "thinking" || isSigned(part);
}

/** Thinking that may go back to the model that thought it. */
export function isSigned(part: AssistantPart): boolean {
  return part.type === "thinking" && (part.redacted !== undefined || isAnthropicProof(part.signature));
}

/**
 * Turns as Claude takes them: it starts with the user, system messages after the start stand where the model allows them and are user
 * text elsewhere. A native system message must follow a user's turn and come before an assistant's, or last.
 */
export function arrange(turns: readonly Turn[], midSystem: boolean): Turn[] {
  const arranged: Turn[] = [];
  /** The assistant's own pictures wait for the user's next turn, the only place where Claude takes them. */
  let pictures: UserPart[] = [];
  turns.forEach((turn, index) => {
    const last = arranged.at(-1);
    const native = midSystem && last?.role === "user" && turns[index + 1]?.role !== "user";
    if (turn.role !== "system" || native) {
      if (turn.role === "user") {
        pushUser(arranged, turn.results, [...pictures, ...turn.parts]);
        pictures = [];
      } else if (turn.role === "assistant") {
        const own = turn.parts.filter((part) => part.type === "image");
        if (own.length > 0) pictures = [...pictures, { type: "text", text: "Images from the answer above:" }, ...own];
        if (own.length < turn.parts.length) arranged.push({ role: "assistant", parts: turn.parts.filter((part) => part.type !== "image") });
      } else arranged.push(turn);
      return;
    }
    pushUser(arranged, [], [{ type: "text", text: systemAsText(turn.parts), cache: turn.parts.at(-1)?.cache }]);
  });
  if (pictures.length > 0) pushUser(arranged, [], pictures);
  if (arranged[0]?.role === "assistant") arranged.unshift({ role: "user", results: [], parts: [{ type: "text", text: "(The conversation begins.)" }] });
  return arranged;
}

function pushUser(turns: Turn[], results: readonly ToolResult[], parts: readonly UserPart[]): void {
  const last = turns.at(-1);
  if (last?.role !== "user") turns.push({ role: "user", results, parts });
  else turns[turns.length - 1] = { role: "user", results: [...last.results, ...results], parts: [...last.parts, ...parts] };
}

/** Arranged turns as `messages`. Throws `invalid-request` for content this provider cannot take in. */
export function writeTurns(turns: readonly Turn[], writing: Writing): JsonObject[] {
  return turns.map((turn, index) => writeTurn(turn, index === turns.length - 1, writing));
}

function writeTurn(turn: Turn, last: boolean, writing: Writing): JsonObject {
  switch (turn.role) {
    case "user":
      return { role: "user", content: contentOf(userTurn(turn.results, turn.parts, writing)) };
    case "system":
      return { role: "system", content: contentOf(turn.parts.map(textBlock)) };
    case "assistant":
      return { role: "assistant", content: contentOf(assistantTurn(turn.parts, last)) };
  }
}

/** A single unmarked text is written as a string, as people would. */
export function contentOf(blocks: JsonObject[]): string | JsonObject[] {
  const only = blocks.length === 1 ? blocks[0] : undefined;
  return only?.["type"] === "text" && only["cache_control"] === undefined ? (only["text"] as string) : blocks;
}

function userTurn(results: readonly ToolResult[], parts: readonly UserPart[], writing: Writing): JsonObject[] {
  const blocks: JsonObject[] = [];
  const displaced: UserPart[] = [];
  for (const result of results) {
    const inside = writing.profile.toolResultImages ? result.parts : result.parts.filter((part) => part.type === "text");
    if (inside.length < result.parts.length) displaced.push(...result.parts.filter((part) => part.type !== "text"));
    blocks.push(resultBlock(result, inside, writing));
  }
  return [...blocks, ...[...displaced, ...parts].map((part) => userBlock(part, writing))];
}

function resultBlock(result: ToolResult, parts: readonly UserPart[], writing: Writing): JsonObject {
  // A mark inside a result belongs on the result: blocks inside it cannot be cached on their own.
  const mark = parts.findLast((part) => "cache" in part && part.cache !== undefined);
  const content = parts.map((part) => userBlock("cache" in part ? placed({ ...part, cache: undefined }, pathOf(writing.request, part)) : part, writing));
  return {
    type: "tool_result",
    tool_use_id: fittingId(result.callId, CALL_ID, "toolu_"),
    ...(content.length === 0 ? {} : { content: contentOf(content) }),
    ...(result.failed ? { is_error: true } : {}),
    ...cacheControl(mark !== undefined && "cache" in mark ? mark.cache : undefined),
  };
}

function assistantTurn(parts: readonly AssistantPart[], last: boolean): JsonObject[] {
  const blocks = parts.flatMap((part) => (part.type === "image" ? [] : [assistantBlock(part)]));
  // What is to be continued must not end in white space.
  const end = blocks.at(-1);
  if (last && end?.["type"] === "text") blocks[blocks.length - 1] = { ...end, text: String(end["text"]).trimEnd() };
  return blocks;
}

function assistantBlock(part: Exclude<AssistantPart, ImagePart>): JsonObject {
  switch (part.type) {
    case "text":
    case "refusal":
      return textBlock({ type: "text", text: part.text, cache: part.type === "text" ? part.cache : undefined });
    case "thinking":
      return part.redacted === undefined
        ? { type: "thinking", thinking: part.text, signature: part.signature }
        : { type: "redacted_thinking", data: part.redacted };
    case "tool-call":
      return callBlock(part);
  }
}

function callBlock(part: ToolCallPart): JsonObject {
  return {
    type: "tool_use",
    id: fittingId(part.id, CALL_ID, "toolu_"),
    name: fittingName(part.name),
    input: objectOf(parseJson(part.arguments)),
    ...cacheControl(part.cache),
  };
}

/** A function of the history by a name Claude accepts: models of other providers may have called `files.read`. */
export function fittingName(name: string): string {
  return name.replace(/[^a-zA-Z0-9_-]/g, "_").slice(0, 128) || "_";
}
