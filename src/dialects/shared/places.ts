import type { ChatRequest } from "../../vocabulary/chat.ts";
import { type Failure, invalidRequest } from "../../vocabulary/failure.ts";

/** Where the client wrote what became a message, a part or a tool of ours: a reader that puts them elsewhere notes it, a refusal names it. */
const places = new WeakMap<object, string>();

/** The value, with its JSON path noted. A path noted before is the more exact one, and stays. */
export function placed<Value extends object>(value: Value, path: string): Value {
  if (!places.has(value)) places.set(value, path);
  return value;
}

/** The JSON path that was noted; where none was, `otherwise`, by its place in the neutral request. */
export function placeOf(value: object | undefined, otherwise: string): string {
  return (value === undefined ? undefined : places.get(value)) ?? otherwise;
}

/** The refusal of all messages together, where the client wrote them. */
export function refusedMessages(messages: ChatRequest["messages"], what: string): Failure {
  const path = placeOf(messages, "messages");
  return invalidRequest(path, `${path} ${what}`);
}

/** The JSON path of a part of a message: looked up only when something is refused. */
export function pathOf({ messages }: ChatRequest, part: object): string {
  for (const [index, message] of messages.entries()) {
    const at = (message.parts as readonly object[]).indexOf(part);
    if (at >= 0) return placeOf(part, `messages[${index}].content[${at}]`);
  }
  return placeOf(part, "messages");
}
