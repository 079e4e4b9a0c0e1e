import type { OllamaInbound } from "../../dialects/ollama/inbound.ts";
import { admit } from "../admit.ts";
import { findModel } from "../find-model.ts";
import { answerChat } from "../serve-chat.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Exchange, Reply } from "../visit/exchange.ts";
import { answerFacts, answerHeaders } from "../visit/replies.ts";

/** The story of a call of Ollama's own API: a chat like any other, unless there is nothing to ask. */
export async function serveOllama(exchange: Exchange, face: OllamaInbound, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = "chat";
  visit.dialect = face.name;
  const caller = await admit(exchange, box);
  const call = face.readCall({ text: await exchange.body(), headers: exchange.headers, rest: exchange.rest });
  if (call.residence === undefined) {
    visit.operation = call.completes ? "completions" : "chat";
    return answerChat({ call }, caller, { face, operation: visit.operation }, visit, box);
  }
  // When models come and go is not the client's to say: it is told what it wants to hear, if it may use the model at all.
  visit.operation = "models";
  await findModel(call.model, caller, visit, box);
  const body = face.writeResidence(call.residence, answerFacts(call.model, visit));
  return { status: 200, headers: { "content-type": "application/json", ...answerHeaders(visit, face) }, body };
}
