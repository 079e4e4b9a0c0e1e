import type { AnswerFacts } from "../../../../vocabulary/dialect.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { promptTokens, type Usage } from "../../../../vocabulary/usage.ts";

/** What one line lets the model say. */
export interface Saying {
  readonly text?: string;
  readonly thinking?: string;
  /** Bare base64. */
  readonly images?: readonly string[];
  readonly calls?: readonly JsonObject[];
}

/** Where an answer keeps what the model says. */
export type Shape = (saying: Saying) => JsonObject;

export const chatShape: Shape = ({ text = "", thinking, images, calls }) => ({
  message: {
    role: "assistant",
    content: text,
    ...(thinking === undefined ? {} : { thinking }),
    ...(images === undefined ? {} : { images: [...images] }),
    ...(calls === undefined ? {} : { tool_calls: [...calls] }),
  },
});

/** This route offers no tools, and has one place for one picture. */
export const generateShape: Shape = ({ text = "", thinking, images }) => ({
  response: text,
  ...(thinking === undefined ? {} : { thinking }),
  ...(images === undefined ? {} : { image: images.at(-1) }),
});

/** Whose answer it is, and since when. */
export interface Heading {
  readonly model: string;
  /** Seconds since 1970. */
  readonly created: number;
}

/** One object of an answer. */
export function lineOf({ model, created }: Heading, shape: Shape, saying: Saying, more: JsonObject = { done: false }): JsonObject {
  return { model, created_at: timeOf(created), ...shape(saying), ...more };
}

/** A line that says nothing, for a connection that must not fall silent: clients read every line. */
export function quietLine(facts: AnswerFacts, shape: Shape): string {
  return `${JSON.stringify(lineOf(facts, shape, {}))}\n`;
}

/** The whole answer to a request that asks nothing. */
export function residenceLine(residence: "load" | "unload", facts: AnswerFacts, shape: Shape): string {
  return JSON.stringify(lineOf(facts, shape, {}, { done: true, done_reason: residence }));
}

/** What the last object adds. Durations are nanoseconds; what came before the first word counts as reading the prompt. */
export function ending(reason: string, usage: Usage | undefined, { total, firstWord }: { readonly total: number; readonly firstWord: number }): JsonObject {
  return {
    done: true,
    done_reason: reason,
    total_duration: nanoseconds(total),
    load_duration: 0,
    ...(usage === undefined ? {} : { prompt_eval_count: promptTokens(usage) }),
    prompt_eval_duration: nanoseconds(firstWord),
    ...(usage === undefined ? {} : { eval_count: usage.output }),
    eval_duration: nanoseconds(total - firstWord),
  };
}

function nanoseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1e6);
}

/** Seconds as Ollama writes a time; the epoch for what no date can hold. */
function timeOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? "1970-01-01T00:00:00Z" : date.toISOString();
}
