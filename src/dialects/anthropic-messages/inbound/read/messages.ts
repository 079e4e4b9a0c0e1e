import type { AssistantPart, Message, TextPart, UserPart } from "../../../../vocabulary/chat.ts";
import { type Json, type JsonObject, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { placed, placeOf } from "../../../shared/places.ts";
import { readAssistantBlock } from "./assistant.ts";
import { readText, readUserBlock } from "./blocks.ts";
import { blocksOf, cacheOf, named, type Reading, refuse, stringAt } from "./reading.ts";

/** How Claude Code counts its callers: another number in every request, which would spoil every cache, and for Anthropic alone. */
const BILLING = "x-anthropic-billing-header:";

/** `system` as the message it is elsewhere; none when it says nothing. Throws `invalid-request` with the JSON path. */
export function readSystem(system: Json | undefined): Message[] {
  return systemMessage(blocksOf(system, "system"), "system");
}

/** One message as the neutral ones it comes to: a user's turn may hold results of tools, and words of the system. Throws `invalid-request` with the JSON path. */
export function readMessage(value: Json, path: string, reading: Reading): Message[] {
  return messagesOf(value, path, reading).map((message) => placed(message, path));
}

function messagesOf(value: Json, path: string, reading: Reading): Message[] {
  const message = objectOf(value);
  const blocks = blocksOf(message["content"], `${path}.content`);
  switch (message["role"]) {
    case "user":
      return readUser(blocks, path, reading);
    case "assistant": {
      const parts: AssistantPart[] = blocks.flatMap((block, index) => readAssistantBlock(block, `${path}.content[${index}]`));
      return parts.length === 0 ? [] : [{ role: "assistant", parts }];
    }
    case "system":
      return systemMessage(blocks, `${path}.content`);
    default:
      return refuse(`${path}.role`, `is ${named(message["role"])}, but must be user, assistant or system`);
  }
}

function systemMessage(blocks: readonly JsonObject[], path: string): Message[] {
  const parts = blocks.flatMap((block, index): TextPart[] => {
    switch (block["type"]) {
      case "text":
        return stringOf(block["text"])?.startsWith(BILLING) ? [] : readText(block, `${path}[${index}]`);
      // Which tools there are from here on: told by the list of tools itself.
      case "tool_addition":
      case "tool_removal":
        return [];
      default:
        return refuse(`${path}[${index}].type`, `is ${named(block["type"])}, but words of the system must be text`);
    }
  });
  return parts.length === 0 ? [] : [{ role: "system", parts }];
}

/** A turn's results come first, as they must follow their calls at once; then everything else in its order. */
function readUser(blocks: readonly JsonObject[], path: string, reading: Reading): Message[] {
  const results: Message[] = [];
  const rest: Message[] = [];
  let parts: UserPart[] = [];
  const speak = () => {
    if (parts.length > 0) rest.push({ role: "user", parts });
    parts = [];
  };
  blocks.forEach((block, index) => {
    const at = `${path}.content[${index}]`;
    switch (block["type"]) {
      case "tool_result":
        results.push(readResult(block, at, reading));
        break;
      case "mid_conv_system":
        speak();
        rest.push(...systemMessage(blocksOf(block["content"], `${at}.content`), `${at}.content`));
        break;
      default:
        parts.push(...readUserBlock(block, at, reading));
    }
  });
  speak();
  return [...results, ...rest];
}

function readResult(block: JsonObject, path: string, reading: Reading): Message {
  const parts = blocksOf(block["content"], `${path}.content`).flatMap((inner, index) => readUserBlock(inner, `${path}.content[${index}]`, reading));
  const last = parts.at(-1);
  // A mark on the result is one on the last thing in it.
  if (last !== undefined && "cache" in cacheOf(block)) parts[parts.length - 1] = placed({ ...last, ...cacheOf(block) }, placeOf(last, path));
  return { role: "tool", callId: stringAt(block, "tool_use_id", path), parts, ...(block["is_error"] === true ? { failed: true } : {}) };
}
