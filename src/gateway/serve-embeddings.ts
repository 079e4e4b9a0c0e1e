import type { Caller } from "../vocabulary/caller.ts";
import type { EmbeddingsCall, EmbeddingsInbound, HeaderView } from "../vocabulary/dialect.ts";
import type { EmbeddingsAnswer } from "../vocabulary/embeddings.ts";
import { tokensOfBytes } from "../vocabulary/usage.ts";
import { admit } from "./admit.ts";
import { askEmbeddings } from "./asking/ask-embeddings.ts";
import { firstToAnswer } from "./attempts/first-to-answer.ts";
import { mostOfEmbeddings } from "./billing/most-used.ts";
import { setAside } from "./billing/set-aside.ts";
import { embeddingsAsBefore } from "./caching/embeddings.ts";
import { withoutOverride } from "./caching/override.ts";
import { findModel } from "./find-model.ts";
import { rankTargets } from "./rank-targets.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Exchange, Reply } from "./visit/exchange.ts";
import { embeddingsUsage } from "./visit/meter.ts";
import { answerFacts, answerHeaders } from "./visit/replies.ts";
import type { Visit } from "./visit/visit.ts";
import { enterModel } from "./within-limits.ts";

/** The story of an embedding: the same as a chat's, without streams. */
export async function serveEmbeddings(exchange: Exchange, face: EmbeddingsInbound, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = "embeddings";
  visit.dialect = face.name;
  const caller = await admit(exchange, box);
  const call = face.readCall({ text: await exchange.body(), headers: exchange.headers, rest: exchange.rest });
  const answer = await answerEmbeddings({ call, headers: exchange.headers }, caller, visit, box);
  visit.usage = embeddingsUsage(answer.usage, call.text);
  const body = face.writeAnswer({ ...answer, usage: visit.usage }, call, answerFacts(call.model, visit));
  return { status: 200, headers: { "content-type": "application/json", ...answerHeaders(visit, face) }, body };
}

interface Asked {
  readonly call: EmbeddingsCall;
  readonly headers: HeaderView;
}

/** The rest of it: as it was answered before, or by whoever can. */
export async function answerEmbeddings({ call, headers }: Asked, caller: Caller, visit: Visit, box: Signalbox): Promise<EmbeddingsAnswer> {
  const model = await findModel(call.model, caller, visit, box);
  const pending = enterModel(model, () => tokensOfBytes(Buffer.byteLength(call.text)), visit, box);
  if (pending !== undefined) await pending;
  const sent = withoutOverride(call);
  const fresh = async () => {
    const ranking = rankTargets(model, { operation: "embeddings", dialect: call.dialect }, visit, box);
    await setAside({ model, most: () => mostOfEmbeddings(call), promptTokens: () => tokensOfBytes(Buffer.byteLength(call.text)) }, visit, box);
    return firstToAnswer({ ranking, stream: false, ask: (attempt) => askEmbeddings(sent, attempt, visit, box) }, visit, box);
  };
  return embeddingsAsBefore({ call, headers, caller, model, visit, box }, fresh);
}
