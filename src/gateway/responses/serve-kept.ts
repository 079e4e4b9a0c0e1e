import { Cancellation } from "../../vocabulary/cancellation.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { listOf, objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import type { KeptResponse } from "../../vocabulary/kept-response.ts";
import { admit } from "../admit.ts";
import type { ResponseMemory, Signalbox } from "../signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "../visit/exchange.ts";
import { answerHeaders } from "../visit/replies.ts";
import { ownerOf } from "./serve-responses.ts";

/** `GET /v1/responses/{id}` and `/v1/responses/{id}/input_items`. */
export async function serveKept(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const [id = "", part] = exchange.rest.split("/");
  if (part !== undefined && part !== "input_items") throw new Failure("not-found", `There is no /v1/responses/{id}/${part} here.`);
  const { memory, owner } = await enter(exchange, box);
  const line = part === undefined ? [await memory.find(id, owner)] : await memory.conversation(id, owner);
  const kept = line.at(-1);
  if (kept === undefined) throw unknown(id);
  return done(exchange, part === undefined ? objectOf(parseJson(kept.body)) : listed(line.flatMap((each) => (each === undefined ? [] : [each]))));
}

/** `DELETE /v1/responses/{id}`: here, and at the provider that keeps it too. */
export async function serveForget(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const id = exchange.rest;
  const { memory, owner } = await enter(exchange, box);
  const kept = await memory.find(id, owner);
  if (kept === undefined || !(await memory.remove(id, owner))) throw unknown(id);
  if (kept.deployment !== undefined) await forgetThere(kept.id, kept.deployment, exchange, box);
  return done(exchange, { id, object: "response", deleted: true });
}

async function enter(exchange: Exchange, box: Signalbox): Promise<{ memory: ResponseMemory; owner: string }> {
  exchange.visit.dialect = "openai-responses";
  const caller = await admit(exchange, box);
  if (box.responses === undefined) throw new Failure("not-found", "Responses are not kept here. Its operator can turn it on: responses.store.");
  return { memory: box.responses, owner: ownerOf(caller) };
}

function done(exchange: Exchange, body: object): Reply {
  return jsonReply(body, 200, answerHeaders(exchange.visit));
}

/** All that the answer was given, newest first as OpenAI lists it, in one page. */
function listed(line: readonly KeptResponse[]) {
  const given = line.flatMap(({ input, body }, index) => [
    ...listOf(parseJson(input)),
    ...(index === line.length - 1 ? [] : listOf(objectOf(parseJson(body))["output"])),
  ]);
  const data = given.reverse();
  const idOf = (item: unknown) => stringOf(objectOf(item)["id"]) ?? null;
  return { object: "list", data, first_id: idOf(data[0]), last_id: idOf(data.at(-1)), has_more: false };
}

/** How long a provider may take to forget. Milliseconds. */
const PATIENCE = 10_000;

/** The provider's copy goes too. What it says is for the log: here it is gone already. */
async function forgetThere(id: string, deploymentId: string, { visit }: Exchange, box: Signalbox): Promise<void> {
  const deployment = box.catalog.deployment(deploymentId);
  const route = deployment?.service.routes.chat?.find(({ dialect }) => dialect === "openai-responses");
  if (deployment === undefined || route === undefined) return;
  const { service } = deployment;
  const [path, query] = route.path.split("?");
  const url = `${service.baseUrl}${path}/${encodeURIComponent(id)}${query === undefined ? "" : `?${query}`}`;
  const cancellation = new Cancellation();
  const timer = setTimeout(() => cancellation.cancel(new Failure("upstream-timeout", `It did not answer within ${PATIENCE} ms.`)), PATIENCE);
  try {
    const reply = await box.upstream.send({ method: "DELETE", url, headers: service.keys[0].headers, cancellation, connectWithin: PATIENCE });
    await reply.text();
    if (reply.status > 299 && reply.status !== 404) visit.warnings.push(`${service.name} answered ${reply.status} when it was to forget this response.`);
  } catch (thrown) {
    visit.warnings.push(`${service.name} could not be told to forget this response: ${box.upstream.explain(thrown, service.baseUrl).message}`);
  } finally {
    clearTimeout(timer);
  }
}

function unknown(id: string): Failure {
  return new Failure("not-found", `There is no response ${JSON.stringify(id)} of this key's or its user's. It may have expired, or was not to be stored.`);
}
