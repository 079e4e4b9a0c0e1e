import { admit } from "./admit.ts";
import type { PublicModel, Signalbox } from "./signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "./visit/exchange.ts";
import { answerHeaders } from "./visit/replies.ts";

/**
 * `GET /v1/models` and `/v1/models/{id}`: one body that satisfies OpenAI's and Anthropic's clients alike. With `?all=1` also the models that
 * cannot be called at this hour.
 */
export async function serveModels(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  visit.operation = "models";
  visit.dialect = "openai-chat";
  const caller = await admit(exchange, box);
  const query = new URLSearchParams(exchange.search);
  const reply =
    exchange.rest === ""
      ? listOfModels(await box.catalog.list(caller, isYes(query.get("all"))), query)
      : jsonReply(modelBody(await box.catalog.describe(decoded(exchange.rest), caller)));
  return { ...reply, headers: { ...reply.headers, ...answerHeaders(visit) } };
}

/** A list's rows as JSON text, as long as the list is there. */
const written = new WeakMap<readonly PublicModel[], string>();

function listOfModels(models: readonly PublicModel[], query: URLSearchParams): Reply {
  let data = written.get(models);
  if (data === undefined) written.set(models, (data = JSON.stringify(models.map(modelBody))));
  const frame = {
    object: "list",
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
    // Codex looks for its own catalog here and is content with none.
    ...(query.has("client_version") ? { models: [] } : {}),
  };
  const reply = jsonReply(frame);
  return { ...reply, body: `{"data":${data},${String(reply.body).slice(1)}` };
}

function isYes(value: string | null): boolean {
  return value !== null && /^(1|true|yes|)$/i.test(value);
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
    ...(model.availableFrom === undefined ? {} : { available_from: new Date(model.availableFrom).toISOString().replace(".000Z", "Z") }),
  };
}
