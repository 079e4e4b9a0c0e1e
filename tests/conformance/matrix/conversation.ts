import { type Json, type JsonObject, numberOf, stringOf } from "../../../src/vocabulary/json.ts";
import type { Heard } from "../hearers/heard.ts";

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

/** What the client understood of the answer, in no dialect's words, and what it stumbled over. */
export interface Understood extends Pick<Heard, "text" | "thinking" | "calls" | "problems"> {
  /** Why it ended; absent when it broke off. */
  readonly finish?: "done" | "length" | "calls" | "refused";
  /** Tokens, the prompt's with what was cached. */
  readonly usage?: { readonly prompt: number; readonly output: number };
  /** The message of the error it got instead of an end. */
  readonly error?: string;
}

/** A client of one dialect, as strict as its official libraries. */
export interface Speaker {
  readonly dialect: string;
  /** Path and body of the request. */
  ask(conversation: Conversation, model: string, stream: boolean): { readonly path: string; readonly body: JsonObject };
  hearWhole(text: string): Understood;
  hearStream(text: string): Understood;
}

/** The fields of an object that are not `undefined`. */
export function given(fields: Record<string, Json | undefined>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as JsonObject;
}

/** What was heard, with the reason it ended in our words and its tokens counted; the names of a dialect's counts are added up. */
export function understood(heard: Heard, finish: Understood["finish"], prompt: readonly string[], output: readonly string[]): Understood {
  const { text, thinking, calls, usage, error, problems } = heard;
  const sum = (names: readonly string[]) => names.reduce((total, name) => total + (numberOf(usage?.[name]) ?? 0), 0);
  return {
    text,
    thinking,
    calls,
    problems,
    finish: error === undefined ? finish : undefined,
    usage: usage === undefined || error !== undefined ? undefined : { prompt: sum(prompt), output: sum(output) },
    error: error === undefined ? undefined : (stringOf(error["message"]) ?? "an error without a message"),
  };
}
