import type { AssistantPart, Message, TextPart, UserPart } from "../../../vocabulary/chat.ts";
import { INTERRUPTED, OpenCalls } from "./open-calls.ts";

/** The answer to one tool call. */
export interface ToolResult {
  readonly callId: string;
  /** The function's name, as its call has it. */
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

/**
 * Puts messages into strict turns. Empty text is left out; a call without a result gets a failed one (Anthropic and Gemini refuse
 * orphans); a result without a call becomes plain user text, so that nothing the client said is lost. An id used by more than one call
 * (servers that number the calls of each answer from 0) is made distinct: Anthropic refuses a conversation with the same one twice.
 */
export function conversationOf(messages: readonly Message[]): Conversation {
  const system: TextPart[] = [];
  const turns: { role: Turn["role"]; results: ToolResult[]; parts: (UserPart | AssistantPart)[] }[] = [];
  /** System messages wait for calls whose results have not come: a tool's results must follow its calls at once. */
  const open = new OpenCalls();
  let waiting: TextPart[] = [];

  const turnOf = (role: Turn["role"]) => {
    const last = turns.at(-1);
    if (last?.role === role) return last;
    const turn = { role, results: [] as ToolResult[], parts: [] as (UserPart | AssistantPart)[] };
    turns.push(turn);
    return turn;
  };
  const letWaitingSpeak = () => {
    if (waiting.length > 0) turnOf("system").parts.push(...waiting);
    waiting = [];
  };
  const closeCalls = () => {
    for (const call of open.takeAll()) turnOf("user").results.push({ callId: call.id, name: call.name, parts: [INTERRUPTED], failed: true });
    letWaitingSpeak();
  };

  for (const message of messages) {
    const parts = message.parts.filter((part) => part.type !== "text" || part.text.trim() !== "" || part.signature !== undefined);
    switch (message.role) {
      case "system":
        if (parts.length === 0) break;
        (turns.length === 0 ? system : waiting).push(...(parts as TextPart[]));
        if (open.none) letWaitingSpeak();
        break;
      case "user":
        closeCalls();
        if (parts.length > 0) turnOf("user").parts.push(...(parts as UserPart[]));
        break;
      case "assistant":
        if (parts.length === 0) break;
        // A second message of the same turn may hold more calls; results that began to come end the turn.
        if (turns.at(-1)?.role !== "assistant" || waiting.length > 0) closeCalls();
        for (const part of parts as AssistantPart[]) {
          const own = part.type === "tool-call" ? open.add(part) : part;
          turnOf("assistant").parts.push(own);
        }
        break;
      case "tool": {
        const call = open.take(message.callId);
        if (call === undefined) {
          turnOf("user").parts.push(...(parts as UserPart[]));
          break;
        }
        turnOf("user").results.push({ callId: call.id, name: call.name, parts: parts as UserPart[], failed: message.failed ?? false });
        if (open.none) letWaitingSpeak();
        break;
      }
    }
  }
  closeCalls();
  return { system, turns: turns as unknown as Turn[] };
}
