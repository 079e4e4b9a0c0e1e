import type { AssistantPart, Message, TextPart, ToolCallPart } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { type JsonObject, listOf, objectOf, stringOf } from "../../../../vocabulary/json.ts";
import { checkDepth } from "../../../shared/json/body.ts";
import { readImages } from "./images.ts";

/** Messages in neutral words. Calls without ids get some, the same every time, and results find the call they answer by id, name or order. */
export function readMessages(messages: readonly JsonObject[]): Message[] {
  const open = new OpenCalls();
  return messages.map((message, index) => {
    const path = `messages[${index}]`;
    const images = readImages(listOf(message["images"]), `${path}.images`);
    switch (stringOf(message["role"])?.toLowerCase()) {
      case "system":
        if (images.length > 0) throw invalidRequest(`${path}.images`, `${path}.images belong to a user's message, not to the system's.`);
        return { role: "system", parts: textOf(message, path) };
      case "assistant": {
        const calls = listOf(message["tool_calls"]).map((value, at) => readCall(objectOf(value), `call_${index}_${at}`, `${path}.tool_calls[${at}]`));
        for (const call of calls) open.add(call);
        return { role: "assistant", parts: [...thinkingOf(message), ...textOf(message, path), ...images, ...calls] };
      }
      case "tool": {
        const name = stringOf(message["tool_name"]) ?? stringOf(message["name"]);
        const id = stringOf(message["tool_call_id"]);
        const call = open.take(id, name);
        return { role: "tool", callId: call?.id ?? id ?? `call_${index}`, toolName: call?.name ?? name, parts: [...textOf(message, path), ...images] };
      }
      default:
        // Whoever was interrupted by the user gives no results any more.
        open.forget();
        return { role: "user", parts: [...textOf(message, path), ...images] };
    }
  });
}

function textOf(message: JsonObject, path: string): TextPart[] {
  const content = message["content"] ?? "";
  if (typeof content !== "string") throw invalidRequest(`${path}.content`, `${path}.content must be a string. Pictures go into ${path}.images.`);
  return content === "" ? [] : [{ type: "text", text: content }];
}

function thinkingOf(message: JsonObject): AssistantPart[] {
  const text = stringOf(message["thinking"]) ?? "";
  return text === "" ? [] : [{ type: "thinking", text }];
}

function readCall(call: JsonObject, otherwise: string, path: string): ToolCallPart {
  const called = objectOf(call["function"]);
  const name = stringOf(called["name"]);
  if (name === undefined) throw invalidRequest(`${path}.function.name`, `${path}.function.name must be a string.`);
  const given = called["arguments"] ?? {};
  const written = typeof given === "string" ? given : JSON.stringify(given);
  checkDepth(written, `${path}.function.arguments`);
  return { type: "tool-call", id: stringOf(call["id"]) || otherwise, name, arguments: written };
}

/** Calls whose results have not come. No step depends on how many there are. */
class OpenCalls {
  readonly #inOrder = new Set<ToolCallPart>();
  readonly #byId = new Map<string, Set<ToolCallPart>>();
  readonly #byName = new Map<string, Set<ToolCallPart>>();

  add(call: ToolCallPart): void {
    this.#inOrder.add(call);
    shelf(this.#byId, call.id).add(call);
    shelf(this.#byName, call.name).add(call);
  }

  /** The call this id means; else the oldest of this name; else, for a result that gives neither, the oldest of all. */
  take(id: string | undefined, name: string | undefined): ToolCallPart | undefined {
    const call = oldest(this.#byId.get(id ?? "")) ?? oldest(this.#byName.get(name ?? "")) ?? (name === undefined ? oldest(this.#inOrder) : undefined);
    if (call === undefined) return undefined;
    this.#inOrder.delete(call);
    this.#byId.get(call.id)?.delete(call);
    this.#byName.get(call.name)?.delete(call);
    return call;
  }

  forget(): void {
    this.#inOrder.clear();
    this.#byId.clear();
    this.#byName.clear();
  }
}

function shelf(calls: Map<string, Set<ToolCallPart>>, name: string): Set<ToolCallPart> {
  let found = calls.get(name);
  if (found === undefined) calls.set(name, (found = new Set()));
  return found;
}

function oldest(calls: ReadonlySet<ToolCallPart> | undefined): ToolCallPart | undefined {
  for (const call of calls ?? []) return call;
  return undefined;
}
