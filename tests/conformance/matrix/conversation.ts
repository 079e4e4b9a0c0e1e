import type { Json, JsonObject } from "../../../src/vocabulary/json.ts";

/** What a client of any dialect wants said: the speakers put it into their own words. */
export interface Conversation {
  readonly system?: string;
  readonly turns: readonly Turn[];
  readonly tools?: readonly Tool[];
  /** The name of a tool that must be called. */
  readonly force?: string;
  readonly schema?: JsonObject;
  /** Show me how you think. */
  readonly think?: boolean;
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly stop?: readonly string[];
}

export type Turn =
  | { readonly user: string /** A PNG, base64. */; readonly image?: string }
  | { readonly assistant: string; readonly calls?: readonly Call[] }
  | { readonly results: readonly Result[] };

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly parameters: JsonObject;
}
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: JsonObject;
}
export interface Result {
  readonly id: string;
  readonly name: string;
  readonly text: string;
}

/** What the client understood of the answer, and what it stumbled over. */
export interface Heard {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly arguments: Json | undefined }[];
  /** Why it ended; absent when it broke off. */
  readonly finish?: "done" | "length" | "calls" | "refused";
  /** Tokens, the prompt's with what was cached. */
  readonly usage?: { readonly prompt: number; readonly output: number };
  /** The message of the error it got instead of an end. */
  readonly error?: string;
  /** Breaches of the order and shape its official clients rely on. */
  readonly problems: readonly string[];
}

/** A client of one dialect, as strict as its official libraries. */
export interface Speaker {
  readonly dialect: string;
  /** Path and body of the request. */
  ask(conversation: Conversation, model: string, stream: boolean): { readonly path: string; readonly body: JsonObject };
  hearWhole(text: string): Heard;
  hearStream(text: string): Heard;
}

export const NOTHING: Heard = { text: "", thinking: "", calls: [], problems: [] };

/** The fields of an object that are not `undefined`. */
export function given(fields: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}

/** An SSE stream as its events: name, and data as JSON (its text where it is none). Comments are left out. */
export function eventsIn(text: string): { readonly event: string; readonly data: Json }[] {
  return text
    .split("\n\n")
    .filter((frame) => frame.trim() !== "" && !frame.startsWith(":"))
    .map((frame) => {
      const lines = frame.split("\n");
      const of = (name: string) =>
        lines
          .filter((line) => line.startsWith(`${name}:`))
          .map((line) => line.slice(name.length + 1).trimStart())
          .join("\n");
      let data: Json = of("data");
      try {
        data = JSON.parse(data) as Json;
      } catch {
        // `[DONE]`
      }
      return { event: of("event"), data };
    });
}
