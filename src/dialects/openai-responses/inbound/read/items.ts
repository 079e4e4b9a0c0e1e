import type { AssistantPart, ImagePart, Message, ThinkingPart } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { readEncrypted } from "../../../shared/conversation/proofs.ts";
import { checkDepth } from "../../../shared/json/body.ts";
import { placed } from "../../../shared/places.ts";
import type { ToolBook } from "../tool-book.ts";
import { readAssistantParts, readSystemParts, readUserParts } from "./parts.ts";
import { wrapInput } from "./tools.ts";
import { Turns } from "./turns.ts";

/** What tools run by OpenAI leave behind: the answer after them tells what came of it. */
const LEFT_OUT = new Set([
  "web_search_call",
  "file_search_call",
  "code_interpreter_call",
  "mcp_list_tools",
  "mcp_approval_request",
  "mcp_approval_response",
  "tool_search_call",
  "tool_search_output",
]);

/** Calls of tools with a shape of their own, and their results: told as text, as no function of this request answers to them. */
const TOLD = new Map<string, "assistant" | "user">(
  Object.entries({
    local_shell_call: "assistant",
    local_shell_call_output: "user",
    shell_call: "assistant",
    shell_call_output: "user",
    apply_patch_call: "assistant",
    apply_patch_call_output: "user",
    computer_call: "assistant",
    computer_call_output: "user",
    mcp_call: "assistant",
  }),
);

/** Instructions and input as messages. Throws `invalid-request` at the item that cannot be understood. */
export function readInput(json: JsonObject, book: ToolBook, warnings: string[]): readonly Message[] {
  const turns = new Turns();
  const { instructions, input } = json;
  if (typeof instructions === "string" && instructions !== "") turns.add({ role: "system", parts: [{ type: "text", text: instructions }] }, "instructions");
  if (typeof input === "string") turns.add({ role: "user", parts: [{ type: "text", text: input }] }, "input");
  const leftOut = new Set<string>();
  listOf(input).forEach((item, index) => {
    const type = readItem(objectOf(item), `input[${index}]`, turns, book);
    if (type !== undefined) leftOut.add(type);
  });
  if (leftOut.size > 0) warnings.push(`${[...leftOut].join(", ")} in input: left out, as they are for OpenAI only.`);
  return placed(turns.messages, "input");
}

/** Reads one item into its turn. Gives the type of one that is left out. */
function readItem(item: JsonObject, path: string, turns: Turns, book: ToolBook): string | undefined {
  const type = typeOf(item);
  switch (type) {
    case "message":
      readMessage(item, path, turns);
      return undefined;
    case "reasoning": {
      const part = thinkingIn(item);
      if (part !== undefined) turns.join(part, path);
      return undefined;
    }
    case "function_call":
      turns.join(callIn(item, path, book, argumentsIn(item, path)), path);
      return undefined;
    case "custom_tool_call":
      turns.join(callIn(item, path, book, wrapInput(stringOf(item["input"]) ?? refuse(`${path}.input`, "must be a string"))), path);
      return undefined;
    case "function_call_output":
    case "custom_tool_call_output":
      turns.add({ role: "tool", callId: callId(item, path), toolName: toolName(item, book), parts: readUserParts(item["output"], `${path}.output`) }, path);
      return undefined;
    case "image_generation_call": {
      const picture = pictureIn(item);
      if (picture === undefined) return type;
      turns.say([picture], path);
      return undefined;
    }
    case "additional_tools":
      // Its tools are in the book.
      return undefined;
    case "item_reference":
      return refuse(path, `refers to the item ${JSON.stringify(item["id"] ?? null)}, which is not kept here. Send the item itself`);
    default:
      return readForeign(type, item, path, turns);
  }
}

function readForeign(type: string | undefined, item: JsonObject, path: string, turns: Turns): string | undefined {
  if (type !== undefined && LEFT_OUT.has(type)) return type;
  const teller = TOLD.get(type ?? "");
  if (type === undefined) return refuse(`${path}.type`, "must say what the item is: message, function_call, function_call_output, reasoning");
  if (teller === undefined)
    return refuse(`${path}.type`, `is ${JSON.stringify(type)}, which only OpenAI can read. Leave it out, or choose a model that OpenAI serves`);
  const { id: _id, status: _status, type: _type, ...rest } = item;
  const text = `[${type}] ${JSON.stringify(rest)}`;
  if (teller === "assistant") turns.say([{ type: "text", text }], path);
  else turns.add({ role: "user", parts: [{ type: "text", text }] }, path);
  return undefined;
}

/** Messages may leave their type out, and so may references. */
function typeOf(item: JsonObject): string | undefined {
  const type = stringOf(item["type"]);
  if (type !== undefined) return type;
  return item["role"] === undefined ? (item["id"] === undefined ? undefined : "item_reference") : "message";
}

function readMessage(item: JsonObject, path: string, turns: Turns): void {
  const { role, content } = item;
  const at = `${path}.content`;
  switch (role) {
    case "user":
      turns.add({ role, parts: readUserParts(content, at) }, path);
      return;
    case "system":
    case "developer":
      turns.add({ role: "system", parts: readSystemParts(content, at), ...(role === "developer" ? { developer: true } : {}) }, path);
      return;
    case "assistant":
      turns.say(readAssistantParts(content, at), path);
      return;
    default:
      refuse(`${path}.role`, "must be one of user, assistant, system, developer");
  }
}

function thinkingIn(item: JsonObject): ThinkingPart | undefined {
  const summary = listOf(item["summary"]);
  const text = (summary.length > 0 ? summary : listOf(item["content"])).map((part) => stringOf(objectOf(part)["text"]) ?? "").join("\n\n");
  const encrypted = stringOf(item["encrypted_content"]) ?? "";
  if (encrypted === "") return text === "" ? undefined : { type: "thinking", text };
  return { type: "thinking", text, ...readEncrypted(stringOf(item["id"]) ?? "", encrypted) };
}

function callIn(item: JsonObject, path: string, book: ToolBook, text: string): AssistantPart {
  const name = stringOf(item["name"]) ?? refuse(`${path}.name`, "must be a string");
  return { type: "tool-call", id: callId(item, path), name: book.nameOf(name, stringOf(item["namespace"])), arguments: text };
}

/** Arguments are JSON inside of JSON; some clients send the object itself. */
function argumentsIn(item: JsonObject, path: string): string {
  const text = stringOf(item["arguments"]) ?? JSON.stringify(item["arguments"] ?? {});
  checkDepth(text, `${path}.arguments`);
  return text;
}

function callId(item: JsonObject, path: string): string {
  return stringOf(item["call_id"]) ?? refuse(`${path}.call_id`, "must be a string: the id of the call");
}

function toolName(item: JsonObject, book: ToolBook): string | undefined {
  const name = stringOf(item["name"]);
  return name === undefined ? undefined : book.nameOf(name, stringOf(item["namespace"]));
}

/** The first bytes of the formats pictures come in, in base64. */
const BEGINNINGS: Readonly<Record<string, string>> = { "/9j/": "image/jpeg", UklGR: "image/webp", R0lGOD: "image/gif" };

function pictureIn(item: JsonObject): ImagePart | undefined {
  const base64: Json | undefined = item["result"];
  if (typeof base64 !== "string" || base64 === "") return undefined;
  const beginning = Object.keys(BEGINNINGS).find((start) => base64.startsWith(start)) ?? "";
  return { type: "image", media: { kind: "bytes", mime: BEGINNINGS[beginning] ?? "image/png", base64 } };
}

function refuse(path: string, what: string): never {
  throw invalidRequest(path, `${path} ${what}.`);
}
