import { readModelPath } from "../dialects/gemini/inbound/read/path.ts";
import { type ListedModel, writeModel } from "../dialects/gemini/inbound/write/models.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { Failure } from "../vocabulary/failure.ts";
import { admit } from "./admit.ts";
import type { PublicModel, Signalbox } from "./signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "./visit/exchange.ts";
import { answerHeaders } from "./visit/replies.ts";

/** `GET /v1beta/models` and `/v1beta/models/{id}`: the caller's models as Google lists them, all on one page. */
export async function serveGeminiModels(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = "models";
  visit.dialect = "gemini";
  const caller = await admit(exchange, box);
  const models = await box.catalog.list(caller);
  const body =
    exchange.rest === ""
      ? { models: await Promise.all(models.map(async (model) => writeModel(await listed(model, caller, box)))) }
      : writeModel(await listed(named(models, readModelPath(exchange.rest)), caller, box));
  return jsonReply(body, 200, answerHeaders(visit));
}

function named(models: readonly PublicModel[], id: string): PublicModel {
  const model = models.find((each) => each.id === id);
  if (model !== undefined) return model;
  throw new Failure("model-not-found", `The model ${JSON.stringify(id)} does not exist, or this key may not use it. GET /v1beta/models lists what it may.`);
}

/** What the model can do, as far as its services tell. */
async function listed({ id }: PublicModel, caller: Caller, box: Signalbox): Promise<ListedModel> {
  const { deployments } = await box.catalog.find(id, caller);
  const bounds = deployments.flatMap(({ profile }) => profile.maxOutput ?? []);
  return {
    id,
    chats: deployments.some(({ service }) => service.routes.chat !== undefined),
    embeds: deployments.some(({ service }) => service.routes.embeddings !== undefined),
    maxOutput: bounds.length === 0 ? undefined : Math.min(...bounds),
  };
}
