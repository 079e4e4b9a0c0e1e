import type { AssistantPart, Message, TextPart, ToolCallPart, UserPart } from "../../vocabulary/chat.ts";

/** The answer to one tool call. */
export interface ToolResult {
  readonly callId: string;
  /** The function's name, looked up from the call when the client did not say. */
  readonly name: string;
  readonly parts: readonly UserPart[];
  readonly failed: boolean;
}

/** A conversation for upstreams that insist on alternation: neighbours of one role merged, a turn's tool results before its other parts. */
export type Turn =
  | { readonly role: "user"; readonly results: readonly ToolResult[]; readonly parts: readonly UserPart[] }
  | { readonly role: "assistant"; readonly parts: readonly AssistantPart[] }
  /** A system message after the conversation began. */
  | { readonly role: "system"; readonly parts: readonly TextPart[] };

export interface Conversation {
  /** The system messages before the first other one. */
  readonly system: readonly TextPart[];
  readonly turns: readonly Turn[];
}

const INTERRUPTED: TextPart = { type: "text", text: "The tool call was interrupted: no result was given." };

/**
 * Puts messages into strict turns. Empty text is left out; a call without a result gets a failed one (Anthropic and Gemini refuse
 * orphans); a result without a call becomes plain user text, so that nothing the client said is lost.
 */
export function conversationOf(messages: readonly Message[]): Conversation {
  const system: TextPart[] = [];
  const turns: { role: Turn["role"]; results: ToolResult[]; parts: (UserPart | AssistantPart)[] }[] = [];
  let open = new Map<string, ToolCallPart>();

  const turnOf = (role: Turn["role"]) => {
    const last = turns.at(-1);
    if (last?.role === role) return last;
    const turn = { role, results: [] as ToolResult[], parts: [] as (UserPart | AssistantPart)[] };
    turns.push(turn);
    return turn;
  };
  const closeCalls = () => {
    for (const call of open.values()) turnOf("user").results.push({ callId: call.id, name: call.name, parts: [INTERRUPTED], failed: true });
    open = new Map();
  };

  for (const message of messages) {
    const parts = message.parts.filter((part) => part.type !== "text" || part.text.trim() !== "" || part.signature !== undefined);
    switch (message.role) {
      case "system":
        if (parts.length === 0) break;
        if (turns.length === 0) system.push(...(parts as TextPart[]));
        else {
          // A tool's results must follow its calls at once: the system message waits until they are complete.
          closeCalls();
          turnOf("system").parts.push(...(parts as TextPart[]));
        }
        break;
      case "user":
        closeCalls();
        if (parts.length > 0) turnOf("user").parts.push(...(parts as UserPart[]));
        break;
      case "assistant":
        closeCalls();
        if (parts.length === 0) break;
        turnOf("assistant").parts.push(...(parts as AssistantPart[]));
        for (const part of parts) if (part.type === "tool-call") open.set(part.id, part);
        break;
      case "tool": {
        const call = open.get(message.callId);
        if (call === undefined) {
          turnOf("user").parts.push(...(parts as UserPart[]));
          break;
        }
        open.delete(message.callId);
        turnOf("user").results.push({ callId: call.id, name: message.toolName ?? call.name, parts: parts as UserPart[], failed: message.failed ?? false });
        break;
      }
    }
  }
  closeCalls();
  return { system, turns: turns as unknown as Turn[] };
}
