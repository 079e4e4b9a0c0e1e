import type { AssistantPart, Message, TextPart, ToolCallPart, UserPart } from "../../vocabulary/chat.ts";

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

const INTERRUPTED: TextPart = { type: "text", text: "The tool call was interrupted: no result was given." };

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

/** Calls without a result yet, by the ids the client knows them by. No step depends on how many there are. */
class OpenCalls {
  readonly #inOrder = new Set<ToolCallPart>();
  readonly #byId = new Map<string, Set<ToolCallPart>>();
  /** Ids in use, each with the number that would make its next use distinct. */
  readonly #numbers = new Map<string, number>();

  get none(): boolean {
    return this.#inOrder.size === 0;
  }

  /** The call with an id of its own. */
  add(part: ToolCallPart): ToolCallPart {
    const call = { ...part, id: this.#distinct(part.id) };
    this.#inOrder.add(call);
    const alike = this.#byId.get(part.id);
    if (alike === undefined) this.#byId.set(part.id, new Set([call]));
    else alike.add(call);
    return call;
  }

  /** The oldest call of this id: its result has come. */
  take(id: string): ToolCallPart | undefined {
    for (const call of this.#byId.get(id) ?? []) {
      this.#byId.get(id)?.delete(call);
      this.#inOrder.delete(call);
      return call;
    }
    return undefined;
  }

  takeAll(): ToolCallPart[] {
    const all = [...this.#inOrder];
    this.#inOrder.clear();
    this.#byId.clear();
    return all;
  }

  /** `id`, or `id` with the first number that makes it new. */
  #distinct(id: string): string {
    const next = this.#numbers.get(id);
    if (next === undefined) {
      this.#numbers.set(id, 2);
      return id;
    }
    let number = next;
    while (this.#numbers.has(`${id}_${number}`)) number++;
    this.#numbers.set(id, number + 1);
    return this.#distinct(`${id}_${number}`);
  }
}
