import type { BatchDesk } from "../../batches/desk.ts";
import { readBody } from "../../dialects/shared/json/body.ts";
import type { Author } from "../../vocabulary/batch.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, objectOf } from "../../vocabulary/json.ts";
import { admit } from "../admit.ts";
import { ownerOf } from "../responses/serve-responses.ts";
import type { Signalbox } from "../signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "../visit/exchange.ts";
import { answerHeaders } from "../visit/replies.ts";
import type { Visit } from "../visit/visit.ts";
import { readLifetime, readLimit } from "./reading.ts";
import { shownBatch, shownPage } from "./shown.ts";

/** OpenAI's bounds of metadata. */
const METADATA = { entries: 16, name: 64, value: 512 };

/** `POST /v1/batches`. */
export async function serveBatchCreation(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { batches, owner, caller } = await enter(exchange, box);
  const json = readBody(await exchange.body());
  const window = json["completion_window"];
  const { anchor, seconds } = objectOf(json["output_expires_after"]);
  const batch = await batches.create({
    owner,
    author: authorOf(caller, exchange.visit),
    inputFile: textIn(json, "input_file_id"),
    endpoint: textIn(json, "endpoint"),
    window: window === undefined || window === null ? undefined : textIn(json, "completion_window"),
    metadata: readMetadata(json["metadata"]),
    outputLifetime: readLifetime(anchor, seconds, "output_expires_after"),
  });
  return done(exchange, shownBatch(batch));
}

/** `GET /v1/batches`. */
export async function serveBatches(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { batches, owner } = await enter(exchange, box);
  const query = new URLSearchParams(exchange.search);
  const listed = await batches.list({ owner, limit: readLimit(query, { usual: 20, most: 100 }), after: query.get("after") ?? undefined });
  return done(exchange, shownPage(listed.batches.map(shownBatch), listed.more));
}

/** `GET /v1/batches/{id}`. */
export async function serveBatch(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { batches, owner } = await enter(exchange, box);
  return done(exchange, shownBatch(await batches.find(exchange.rest, owner)));
}

/** `POST /v1/batches/{id}/cancel`. */
export async function serveCancellation(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const [id = "", deed, ...more] = exchange.rest.split("/");
  if (deed !== "cancel" || more.length > 0)
    throw new Failure("not-found", "There is no such thing to be done with a batch. POST /v1/batches/{id}/cancel cancels one.");
  const { batches, owner } = await enter(exchange, box);
  return done(exchange, shownBatch(await batches.cancel(id, owner)));
}

async function enter(exchange: Exchange, box: Signalbox): Promise<{ batches: BatchDesk; owner: string; caller: Caller }> {
  const caller = await admit(exchange, box);
  if (box.batches === undefined) throw new Failure("not-found", "There are no batches here. Its operator can turn them on: batches.enabled.");
  return { batches: box.batches, owner: ownerOf(caller), caller };
}

/** Who asks for the lines, when the client is long gone. */
function authorOf({ keyId, keyName, userId, teamId, role }: Caller, { behalf }: Visit): Author {
  return { keyId, keyName, userId, teamId, role, behalf };
}

function textIn(json: JsonObject, name: string): string {
  const value = json[name];
  if (typeof value !== "string" || value === "") throw invalidRequest(name, value === undefined ? `${name} is missing.` : `${name} must be text.`);
  return value;
}

function readMetadata(metadata: Json | undefined): JsonObject | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  const entries = isObject(metadata) ? Object.entries(metadata) : undefined;
  const isGood = entries?.every(([name, value]) => name.length <= METADATA.name && typeof value === "string" && value.length <= METADATA.value);
  if (!isObject(metadata) || !isGood || (entries?.length ?? 0) > METADATA.entries)
    throw invalidRequest("metadata", "metadata must be 16 names of 64 characters at most, each with a text of 512 at most.");
  return metadata;
}

function done(exchange: Exchange, body: object): Reply {
  return jsonReply(body, 200, answerHeaders(exchange.visit));
}
