import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { AssistantPart, ChatRequest, Message, ThinkingPart, ToolCallPart } from "../../vocabulary/chat.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { parseJson } from "../../vocabulary/json.ts";

/**
 * Proofs of thinking that clients drop. A model that signs its thinking wants it back with the tool calls it led to; most chat clients
 * keep only the calls. So what a turn thought is kept here by (user, model family, call id, hash of name and arguments): never by the
 * call id alone, since ids are the upstream's to repeat and the client's to forge.
 */
export interface SignatureMemory {
  /** Watches one answer and keeps what it signs. */
  keeper(user: string, family: string): (event: ChatEvent) => void;
  /** The request with kept thinking and signatures put back. What other families signed no dialect writes: each has its own places for it. */
  restore(request: ChatRequest, user: string, family: string): ChatRequest;
}

interface Kept {
  /** The thinking before the call: on the first call of a turn only. */
  readonly thinking: readonly ThinkingPart[];
  readonly signature?: string;
}

/** How much is remembered; what was unused for longest goes first. */
interface Bounds {
  readonly calls: number;
  /** Of thinking and signatures, all calls together. */
  readonly characters: number;
}

const BOUNDS: Bounds = { calls: 20_000, characters: 16_000_000 };

export function signatureMemory({ calls, characters }: Bounds = BOUNDS): SignatureMemory {
  const kept = new LRUCache<string, Kept>({ max: calls, maxSize: characters, sizeCalculation: charactersOf });
  const keyOf = (user: string, family: string, call: { id: string; name: string; arguments: string }) =>
    `${user}\n${family}\n${call.id}\n${digest(fingerprint(call))}`;

  return {
    keeper(user, family) {
      const turns = new Map<number, Turn>();
      return (event) => {
        if (!("choice" in event)) return;
        let turn = turns.get(event.choice);
        if (turn === undefined) turns.set(event.choice, (turn = new Turn()));
        turn.hear(event);
        if (event.type !== "finish") return;
        turn.calls.forEach((call, index) => {
          const thinking = index === 0 ? turn.thinking.filter((part) => part.signature !== undefined || part.redacted !== undefined) : [];
          if (thinking.length === 0 && call.signature === undefined) return;
          kept.set(keyOf(user, family, call), { thinking, signature: call.signature });
        });
      };
    },
    restore(request, user, family) {
      const restoreMessage = (message: Message): Message => {
        if (message.role !== "assistant") return message;
        const calls = message.parts.filter((part) => part.type === "tool-call");
        if (calls.length === 0) return message;
        const signed = message.parts.some((part) => part.type === "thinking" && (part.signature !== undefined || part.redacted !== undefined));
        const thinking = signed ? [] : calls.flatMap((call) => kept.get(keyOf(user, family, call))?.thinking ?? []);
        const rest: AssistantPart[] = message.parts
          .filter((part) => thinking.length === 0 || part.type !== "thinking")
          .map((part) => (part.type === "tool-call" ? resign(part, kept.get(keyOf(user, family, part))) : part));
        return { ...message, parts: [...thinking, ...rest] };
      };
      return { ...request, messages: request.messages.map(restoreMessage) };
    },
  };
}

function charactersOf({ thinking, signature = "" }: Kept): number {
  return thinking.reduce((sum, part) => sum + part.text.length + (part.signature ?? part.redacted ?? "").length, signature.length) + 1;
}

/** The call with the signature this family gave it, if it has none of its own. */
function resign(call: ToolCallPart, kept: Kept | undefined): ToolCallPart {
  return call.signature !== undefined || kept?.signature === undefined ? call : { ...call, signature: kept.signature };
}

class Turn {
  readonly thinking: { type: "thinking"; text: string; signature?: string; redacted?: string }[] = [];
  readonly calls: { id: string; name: string; arguments: string; signature?: string }[] = [];

  hear(event: ChatEvent): void {
    switch (event.type) {
      case "thinking": {
        const open = this.thinking.at(-1);
        if (open === undefined || open.signature !== undefined || open.redacted !== undefined) this.thinking.push({ type: "thinking", text: event.text });
        else open.text += event.text;
        break;
      }
      case "thinking-signature": {
        const open = this.thinking.at(-1);
        if (open === undefined || open.signature !== undefined) this.thinking.push({ type: "thinking", text: "", signature: event.signature });
        else open.signature = event.signature;
        break;
      }
      case "thinking-redacted":
        this.thinking.push({ type: "thinking", text: "", redacted: event.data });
        break;
      case "tool-call":
        this.calls[event.call] = { id: event.id, name: event.name, arguments: "", signature: event.signature };
        break;
      case "tool-call-arguments": {
        const call = this.calls[event.call];
        if (call !== undefined) call.arguments += event.text;
        break;
      }
    }
  }
}

/** Name and arguments as one short text; arguments count by value, for clients that parse and write them again. */
function fingerprint(call: { readonly name: string; readonly arguments: string }): string {
  const value = parseJson(call.arguments.trim() === "" ? "{}" : call.arguments);
  return `${call.name}(${value === undefined ? call.arguments : JSON.stringify(value)})`;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
