import type { AssistantPart, Message, ToolCallPart, UserPart } from "../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import type { Profile } from "../../../vocabulary/profile.ts";
import { INTERRUPTED, OpenCalls } from "../../shared/conversation/open-calls.ts";
import { readResponsesProof } from "../../shared/conversation/proofs.ts";
import { fittingId } from "../../shared/conversation/tool-ids.ts";
import { placeOf } from "../../shared/places.ts";
import { writePart } from "./write-parts.ts";

/** `call_id` has 1 to 64 characters (API reference). */
const CALL_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** What the model is reminded of, with the pictures that stand in its own messages: only a user's may hold any. */
const DISPLACED = "Content of the messages above:";

/**
 * A conversation as input items, in its order. A call without a result gets one that says so, a result without its call becomes the user's
 * words, and an id used by several calls is made distinct: the Responses API refuses all three. Throws `invalid-request` for media it does not take.
 */
export function writeInput(messages: readonly Message[], profile: Profile): JsonObject[] {
  const items: JsonObject[] = [];
  const open = new OpenCalls();
  let displaced: JsonObject[] = [];
  let last: Message["role"] | undefined;
  const closeTurn = () => {
    for (const call of open.takeAll()) items.push(outputItem(call, INTERRUPTED.text));
    if (displaced.length > 0) items.push({ role: "user", content: [{ type: "input_text", text: DISPLACED }, ...displaced] });
    displaced = [];
  };
  messages.forEach((message, index) => {
    const pathOf = (part: UserPart) => placeOf(part, `messages[${index}].content[${(message.parts as readonly object[]).indexOf(part)}]`);
    const written = (part: UserPart) => writePart(part, pathOf(part), profile.imageUrls);
    switch (message.role) {
      case "system":
        if (message.parts.length > 0)
          items.push({ role: message.developer && profile.developerRole ? "developer" : "system", content: contentOf(message.parts, written) });
        break;
      case "user":
        closeTurn();
        items.push({ role: "user", content: contentOf(message.parts, written) });
        break;
      case "assistant":
        if (last !== "assistant") closeTurn();
        items.push(...itemsOf(message.parts, open));
        displaced.push(...message.parts.filter((part) => part.type === "image").map(written));
        break;
      case "tool": {
        const call = open.take(message.callId);
        if (call === undefined) items.push({ role: "user", content: contentOf(message.parts, written) });
        else items.push(outputItem(call, resultOf(message.parts, written)));
        break;
      }
      default:
        message satisfies never;
    }
    last = message.role;
  });
  closeTurn();
  return items;
}

/** Text alone is a string. */
function contentOf(parts: readonly UserPart[], written: (part: UserPart) => JsonObject): string | JsonObject[] {
  const only = parts.length === 1 ? parts[0] : undefined;
  if (parts.length === 0) return "";
  return only?.type === "text" ? only.text : parts.map(written);
}

/** Text alone is a string, a line for each part; anything else makes it a list. */
function resultOf(parts: readonly UserPart[], written: (part: UserPart) => JsonObject): string | JsonObject[] {
  const texts = parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return texts.length === parts.length ? texts.join("\n") : parts.map(written);
}

function outputItem(call: ToolCallPart, output: string | JsonObject[]): JsonObject {
  return { type: "function_call_output", call_id: fittingId(call.id, CALL_ID), output };
}

/**
 * What an assistant said as items, each kind in its place. Thinking goes back only with the proof a Responses upstream gave it, and before
 * something it led to: alone it is refused.
 */
function itemsOf(parts: readonly AssistantPart[], open: OpenCalls): JsonObject[] {
  const items: JsonObject[] = [];
  let said: JsonObject[] = [];
  const finishSaying = () => {
    if (said.length > 0) items.push({ role: "assistant", content: spoken(said) });
    said = [];
  };
  for (const part of parts) {
    switch (part.type) {
      case "text":
        if (part.text !== "") said.push({ type: "output_text", text: part.text });
        break;
      case "refusal":
        said.push({ type: "refusal", refusal: part.text });
        break;
      case "thinking": {
        const proof = part.signature === undefined ? undefined : readResponsesProof(part.signature);
        if (proof === undefined) break;
        finishSaying();
        const text = part.text.trim();
        const summary = text === "" ? [] : [{ type: "summary_text", text }];
        items.push({ type: "reasoning", ...(proof.id === "" ? {} : { id: proof.id }), summary, encrypted_content: proof.encrypted });
        break;
      }
      case "tool-call": {
        finishSaying();
        const call = open.add(part);
        const given = call.arguments.trim() === "" ? "{}" : call.arguments;
        items.push({ type: "function_call", call_id: fittingId(call.id, CALL_ID), name: call.name, arguments: given });
        break;
      }
      case "image":
        break;
      default:
        part satisfies never;
    }
  }
  finishSaying();
  while (items.at(-1)?.["type"] === "reasoning") items.pop();
  return items;
}

/** Text alone is a string; a refusal has to be named as one. */
function spoken(said: readonly JsonObject[]): string | JsonObject[] {
  return said.every(({ type }) => type === "output_text") ? said.map(({ text }) => text).join("") : [...said];
}
