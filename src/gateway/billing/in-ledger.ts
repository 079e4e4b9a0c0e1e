import type { Spent } from "../../ledger/hold.ts";
import type { Reservation } from "../../ledger/ledger.ts";
import type { Payer } from "../../ledger/purses.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { promptTokens, type Usage } from "../../vocabulary/usage.ts";
import type { Visit } from "../visit/visit.ts";

/** Who pays for a visit. */
export function payerOf({ caller }: Visit): Payer {
  return { userId: caller?.userId, bounds: caller?.bounds };
}

/** A visit as the ledger is asked to set the most aside that it can cost. */
export function reservationFor(visit: Visit, bound: Nano | undefined): Reservation {
  const { id: requestId, caller } = visit;
  return { ...payerOf(visit), requestId, keyId: caller?.keyId, teamId: caller?.teamId, bound, onCallOff: (then) => visit.onCallOff(then) };
}

/** What a visit used, what is charged for it, and by which price. */
export interface Paid {
  readonly model: Model;
  readonly deployment: string | undefined;
  readonly usage: Usage;
  readonly used: Nano;
  readonly priceVersion: string | undefined;
}

/** In words, as it stands in the ledger. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  chat: "Chat completion",
  completions: "Completion",
  embeddings: "Embeddings",
  rerank: "Reranking",
  moderations: "Moderation",
  images: "Images",
  "image-edits": "Edited images",
  transcriptions: "Transcription",
  translations: "Translation",
  speech: "Speech",
};

/** A visit as the ledger is told what was used. */
export function spentBy(visit: Visit, { model, deployment, usage, used, priceVersion }: Paid): Spent {
  const { operation, startedAt } = visit;
  return {
    at: Math.round(startedAt + visit.elapsed()),
    used,
    model: model.name,
    deployment,
    priceVersion,
    evidence: usage.evidence,
    promptTokens: promptTokens(usage),
    completionTokens: usage.output,
    description: `${DESCRIPTIONS[operation] ?? operation} with ${model.name}`,
  };
}
