import type { JsonObject } from "./json.ts";
import type { Usage } from "./usage.ts";

/** Texts (or token lists) to turn into vectors. */
export interface EmbeddingsRequest {
  readonly model: string;
  readonly inputs: readonly (string | readonly number[])[];
  readonly dimensions?: number;
  readonly user?: string;
  readonly extras: JsonObject;
}

/** A vector as numbers, or as base64 of little-endian 32-bit floats: whichever the upstream sent. */
export type Vector = readonly number[] | string;

export interface EmbeddingsAnswer {
  readonly model?: string;
  /** In the order of the inputs. */
  readonly vectors: readonly Vector[];
  readonly usage: Usage;
}
