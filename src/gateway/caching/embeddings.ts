import type { EmbeddingsCall, HeaderView } from "../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer } from "../../vocabulary/embeddings.ts";
import { type Asking, asBefore, type Form } from "./as-before.ts";

interface EmbeddingsAsking extends Asking {
  readonly call: EmbeddingsCall;
  readonly headers: HeaderView;
}

/** The embedding's answer as it was given before, or a fresh one. */
export function embeddingsAsBefore(asking: EmbeddingsAsking, fresh: () => Promise<EmbeddingsAnswer>): Promise<EmbeddingsAnswer> {
  const { box, visit } = asking;
  const plan = box.cache?.plan({ ...asking, behalf: visit.behalf, operation: "embeddings" });
  if (box.cache === undefined || plan === undefined) return fresh();
  return asBefore({ asking, plan, cache: box.cache, form: FORM }, fresh);
}

const FORM: Form<EmbeddingsAnswer> = {
  again: (said) => (said.type === "embeddings" ? said.answer : undefined),
  heard: (answer) => ({ answer, said: () => (answer.vectors.length === 0 ? undefined : { type: "embeddings", answer }) }),
};
