import { embeddingsOutbound } from "../dialects/index.ts";
import type { EmbeddingsCall, EmbeddingsInbound } from "../vocabulary/dialect.ts";
import type { EmbeddingsAnswer } from "../vocabulary/embeddings.ts";
import { Failure } from "../vocabulary/failure.ts";
import { parseJson } from "../vocabulary/json.ts";
import type { Attempt } from "./attempts/attempt.ts";
import { firstToAnswer } from "./attempts/first-to-answer.ts";
import { upstreamCall } from "./attempts/upstream-call.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Exchange, Reply } from "./visit/exchange.ts";
import { embeddingsUsage } from "./visit/meter.ts";
import { answerHeaders } from "./visit/replies.ts";
import type { Visit } from "./visit/visit.ts";

/** The story of an embedding: the same as a chat's, without streams. */
export async function serveEmbeddings(exchange: Exchange, face: EmbeddingsInbound, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = "embeddings";
  visit.dialect = face.name;
  const caller = await box.access.identify(exchange.headers, exchange.search);
  visit.caller = caller;
  const call = face.readCall({ text: await exchange.body(), headers: exchange.headers, rest: exchange.rest });
  visit.model = call.model;
  const model = await box.catalog.find(call.model, caller);
  visit.model = model.name;
  const targets = box.routing.rank(model, { operation: "embeddings", dialect: face.name });
  for (const target of targets) visit.candidates.push({ deployment: target.deployment.id, why: target.why });
  const answer = await firstToAnswer(targets, false, (attempt) => askEmbeddings(call, attempt, visit, box), visit, box);
  visit.usage = embeddingsUsage(answer.usage, call.text);
  const body = face.writeAnswer({ ...answer, usage: visit.usage }, call, {
    model: call.model,
    requestId: visit.id,
    created: Math.floor(visit.startedAt / 1000),
  });
  visit.settle({ status: 200, outcome: visit.left ? "client-left" : "ok" });
  return { status: 200, headers: { "content-type": "application/json", ...answerHeaders(visit, face) }, body };
}

async function askEmbeddings(call: EmbeddingsCall, attempt: Attempt, visit: Visit, box: Signalbox): Promise<EmbeddingsAnswer> {
  const { deployment, route } = attempt.target;
  const dialect = embeddingsOutbound(route.dialect);
  const destination = { model: deployment.model, profile: deployment.profile };
  const outgoing =
    dialect.name === call.dialect && dialect.express !== undefined ? dialect.express(call, destination) : dialect.write(call.request(), destination);
  visit.warnings.push(...outgoing.warnings);
  const reply = await box.upstream.send(upstreamCall(attempt.target, false, outgoing, attempt));
  const text = await reply.text();
  if (reply.status < 200 || reply.status > 299) throw dialect.readFailure({ status: reply.status, headers: reply.headers, text });
  const json = parseJson(text);
  if (json === undefined) throw new Failure("upstream-error", "The upstream answered 200 with something that is not JSON.");
  const answer = dialect.readAnswer(json);
  attempt.done();
  return answer;
}
