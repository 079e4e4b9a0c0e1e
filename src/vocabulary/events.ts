import type { Failure } from "./failure.ts";
import type { Json, JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

/**
 * What an upstream says, one thing at a time, in no provider's words. A stream and a whole answer give the same events:
 * `start`, then content per choice, then `finish` per choice, `usage`, `end`. A cut or broken answer gives `failure` instead of `end`.
 */
export type ChatEvent =
  | { readonly type: "start"; readonly id?: string; readonly model?: string /** Seconds since 1970. */; readonly created?: number }
  | { readonly type: "text"; readonly choice: number; readonly text: string; readonly signature?: string }
  | { readonly type: "thinking"; readonly choice: number; readonly text: string }
  /** Proof of the thinking just before it. */
  | { readonly type: "thinking-signature"; readonly choice: number; readonly signature: string }
  | { readonly type: "thinking-redacted"; readonly choice: number; readonly data: string }
  | { readonly type: "refusal"; readonly choice: number; readonly text: string }
  /** `call` counts the tool calls of a choice from 0; calls may interleave. */
  | { readonly type: "tool-call"; readonly choice: number; readonly call: number; readonly id: string; readonly name: string; readonly signature?: string }
  | { readonly type: "tool-call-arguments"; readonly choice: number; readonly call: number; readonly text: string }
  /** A citation in the shape of OpenAI's `annotations[]`. */
  | { readonly type: "annotation"; readonly choice: number; readonly annotation: JsonObject }
  /** An image the model made. */
  | { readonly type: "image"; readonly choice: number; readonly mime: string; readonly base64: string; readonly signature?: string }
  /** OpenAI's `delta.audio`, as it is. */
  | { readonly type: "audio"; readonly choice: number; readonly audio: JsonObject }
  /** OpenAI's `logprobs` of the tokens just before it. */
  | { readonly type: "logprobs"; readonly choice: number; readonly logprobs: Json }
  | {
      readonly type: "finish";
      readonly choice: number;
      readonly reason: FinishReason /** The stop sequence that was hit. */;
      readonly stopSequence?: string /** Why the model refused, in the provider's words. */;
      readonly detail?: string;
    }
  | { readonly type: "usage"; readonly usage: Usage }
  /** A ping: the upstream lives, nothing to tell the client. */
  | { readonly type: "alive" }
  | { readonly type: "failure"; readonly failure: Failure }
  /** The upstream's own end mark was seen: the answer is whole. */
  | { readonly type: "end" };

export type FinishReason = "stop" | "length" | "tool-calls" | "content-filter" | "refusal" | "pause";

/** Nobody asks for more choices. An upstream's number is bounded before anything is made as long as it. */
const MOST_CHOICES = 10_000;

/** Which choice an upstream speaks of: its index, `position` where it gives none, `undefined` for a number no choice can have. */
export function choiceOf(index: Json | undefined, position: number): number | undefined {
  if (typeof index !== "number") return position;
  return Number.isInteger(index) && index >= 0 && index < MOST_CHOICES ? index : undefined;
}

/** Does this event commit the answer? From the first such event on, no other deployment may answer. */
export function isContent(event: ChatEvent): boolean {
  switch (event.type) {
    case "start":
    case "usage":
    case "alive":
    case "failure":
    case "end":
      return false;
    case "text":
    case "thinking":
    case "refusal":
    case "tool-call-arguments":
      return event.text.length > 0;
    default:
      return true;
  }
}
