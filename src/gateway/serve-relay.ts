import type { Relay } from "../dialects/openai-relay/relays.ts";
import { tokensOfBytes } from "../vocabulary/usage.ts";
import { admit } from "./admit.ts";
import { askRelay } from "./asking/ask-relay.ts";
import { readRelayCall } from "./asking/relay-call.ts";
import { firstToAnswer } from "./attempts/first-to-answer.ts";
import { mostOfRelay, promptTokensOf } from "./billing/most-used.ts";
import { setAside } from "./billing/set-aside.ts";
import { passOn } from "./delivery/pass-on.ts";
import { findModel } from "./find-model.ts";
import { rankTargets } from "./rank-targets.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Exchange, Reply } from "./visit/exchange.ts";
import { enterModel } from "./within-limits.ts";

/** The story of everything that is passed on as it is: pictures, speech, transcriptions, moderations, reranking. */
export async function serveRelay(exchange: Exchange, relay: Relay, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = relay.operation;
  visit.dialect = relay.dialect;
  const caller = await admit(exchange, box); // who is asking; before a byte of body is read
  const call = await readRelayCall(exchange, relay); // what they want; files go to the disk
  visit.stream = call.stream;
  const model = await findModel(call.model, caller, visit, box); // may they have it
  const pending = enterModel(model, () => 1 + tokensOfBytes(Buffer.byteLength(call.request?.text ?? "")), visit, box); // not too much
  if (pending !== undefined) await pending;
  const ranking = rankTargets(model, { operation: relay.operation, dialect: relay.dialect }, visit, box); // where, best first, and why
  await setAside({ model, most: () => mostOfRelay(call), promptTokens: () => promptTokensOf(call) }, visit, box); // can they pay for the dearest of them
  const answer = await firstToAnswer({ ranking, stream: call.stream, ask: (attempt) => askRelay(call, attempt, visit, box) }, visit, box); // who starts to answer first
  return passOn(answer, call, visit, box); // pass it on, then settle
}
