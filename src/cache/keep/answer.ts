import type { EmbeddingsAnswer } from "../../vocabulary/embeddings.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { isObject, parseJson } from "../../vocabulary/json.ts";
import type { Usage } from "../../vocabulary/usage.ts";

/** What an answer said. */
export type Said = { readonly type: "chat"; readonly events: readonly ChatEvent[] } | { readonly type: "embeddings"; readonly answer: EmbeddingsAnswer };

/** An answer that may be given again. */
export interface KeptAnswer {
  readonly said: Said;
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  /** What its client was warned of. */
  readonly warnings: readonly string[];
  /** Absent where nobody counted. */
  readonly used?: UsedBefore;
}

/** What an answer used when it was made, and of which deployment. */
export interface UsedBefore {
  readonly usage: Usage;
  readonly deployment?: string;
}

/** Kept answers of another form are not read. */
const FORM = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function bytesOf(kept: KeptAnswer): Uint8Array {
  return encoder.encode(JSON.stringify({ form: FORM, ...kept }));
}

/** The answer in these bytes; `undefined` when there is none that this version reads. */
export function answerIn(bytes: Uint8Array): KeptAnswer | undefined {
  const json: unknown = parseJson(decoder.decode(bytes));
  return isObject(json) && json["form"] === FORM ? (json as unknown as KeptAnswer) : undefined;
}
