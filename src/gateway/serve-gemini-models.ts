import { readModelPath } from "../dialects/gemini/inbound/read/path.ts";
import { type ListedModel, writeModel } from "../dialects/gemini/inbound/write/models.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { admit } from "./admit.ts";
import type { Signalbox } from "./signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "./visit/exchange.ts";
import { answerHeaders } from "./visit/replies.ts";

/** `GET /v1beta/models` and `/v1beta/models/{id}`: the caller's models as Google lists them, all on one page. */
export async function serveGeminiModels(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = "models";
  visit.dialect = "gemini";
  const caller = await admit(exchange, box);
  const body =
    exchange.rest === ""
      ? { models: await Promise.all((await box.catalog.list(caller)).map(async ({ id }) => writeModel(await listed(id, caller, box)))) }
      : writeModel(await listed(readModelPath(exchange.rest), caller, box));
  return jsonReply(body, 200, answerHeaders(visit));
}

/** What the model can do, as far as its services tell. */
async function listed(id: string, caller: Caller, box: Signalbox): Promise<ListedModel> {
  const { deployments } = await box.catalog.find(id, caller);
  const bounds = deployments.flatMap(({ profile }) => profile.maxOutput ?? []);
  return {
    id,
    chats: deployments.some(({ service }) => service.routes.chat !== undefined),
    embeds: deployments.some(({ service }) => service.routes.embeddings !== undefined),
    maxOutput: bounds.length === 0 ? undefined : Math.min(...bounds),
  };
}
