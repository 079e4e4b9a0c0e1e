import { Failure } from "../vocabulary/failure.ts";
import { admit } from "./admit.ts";
import type { PublicModel, Signalbox } from "./signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "./visit/exchange.ts";
import { answerHeaders } from "./visit/replies.ts";

/** `GET /v1/models` and `/v1/models/{id}`: one body that satisfies OpenAI's and Anthropic's clients alike. */
export async function serveModels(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = "models";
  visit.dialect = "openai-chat";
  const caller = await admit(exchange, box);
  const models = await box.catalog.list(caller);
  const reply = exchange.rest === "" ? listOfModels(models, exchange) : oneModel(models, exchange.rest);
  return { ...reply, headers: { ...reply.headers, ...answerHeaders(visit) } };
}

function listOfModels(models: readonly PublicModel[], exchange: Exchange): Reply {
  const data = models.map(modelBody);
  return jsonReply({
    object: "list",
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
    // Codex looks for its own catalog here and is content with none.
    ...(new URLSearchParams(exchange.search).has("client_version") ? { models: [] } : {}),
  });
}

function oneModel(models: readonly PublicModel[], rest: string): Reply {
  const id = decoded(rest);
  const model = models.find((each) => each.id === id);
  if (model === undefined)
    throw new Failure("model-not-found", `The model ${JSON.stringify(id)} does not exist, or this key may not use it. GET /v1/models lists what it may.`);
  return jsonReply(modelBody(model));
}

function decoded(rest: string): string {
  try {
    return decodeURIComponent(rest);
  } catch {
    return rest;
  }
}

function modelBody(model: PublicModel) {
  return {
    id: model.id,
    object: "model",
    created: model.created,
    owned_by: model.ownedBy,
    permission: [],
    root: model.aliasOf ?? model.id,
    parent: model.aliasOf ?? null,
    type: "model",
    display_name: model.id,
    created_at: new Date(model.created * 1000).toISOString().replace(".000Z", "Z"),
  };
}
