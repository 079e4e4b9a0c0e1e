import type { EmbeddingsCall, HeaderView } from "../../vocabulary/dialect.ts";
import type { EmbeddingsAnswer } from "../../vocabulary/embeddings.ts";
import { type Asking, asBefore, type Form } from "./as-before.ts";

interface EmbeddingsAsking extends Asking {
  readonly call: EmbeddingsCall;
  readonly headers: HeaderView;
}

/** The embedding's answer as it was given before, or a fresh one. */
export function embeddingsAsBefore(asking: EmbeddingsAsking, fresh: () => Promise<EmbeddingsAnswer>): Promise<EmbeddingsAnswer> {
  const { cache } = asking.box;
  if (cache === undefined || !cache.isOn(asking.model)) return fresh();
  const plan = cache.plan({ ...asking, behalf: asking.visit.behalf, operation: "embeddings" });
  return plan === undefined ? fresh() : asBefore({ asking, plan, cache, form: FORM }, fresh);
}

const FORM: Form<EmbeddingsAnswer> = {
  again: (said) => (said.type === "embeddings" ? said.answer : undefined),
  heard: (answer) => ({ answer, said: () => (answer.vectors.length === 0 ? undefined : { type: "embeddings", answer }) }),
};
