import { createHash } from "node:crypto";
import type { EngineReport } from "../../fleet/report.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import type { Ability } from "../../vocabulary/deployment.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Profile } from "../../vocabulary/profile.ts";
import type { Operation } from "../../vocabulary/service.ts";
import { admit } from "../admit.ts";
import { findModel } from "../find-model.ts";
import type { PublicModel, Signalbox } from "../signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "../visit/exchange.ts";
import { answerHeaders } from "../visit/replies.ts";

/** The name as Ollama writes it: every model of its has a tag, and clients add the usual one to names without. The catalog finds both. */
function tagged(name: string): string {
  return name.includes(":") ? name : `${name}:latest`;
}

/** The Ollama whose API this is: clients switch features on by it. */
const OLLAMA_VERSION = "0.21.0";

/** `GET /`: how clients and probes recognise an Ollama server. */
export function serveRunning(): Reply {
  return { status: 200, headers: { "content-type": "text/plain; charset=utf-8" }, body: "Ollama is running" };
}

/** `GET /api/version`. */
export function serveVersion(): Reply {
  return jsonReply({ version: OLLAMA_VERSION });
}

/** `GET /api/tags`: what this caller may use. */
export async function serveTags(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const caller = await callerOf(exchange, box);
  const rows = new Map<string, object>();
  for (const model of await box.catalog.list(caller)) {
    const name = tagged(model.id);
    if (!rows.has(name)) rows.set(name, { name, model: name, modified_at: timeOf(model), size: 0, digest: digestOf(name), details: detailsOf(model.ownedBy) });
  }
  return jsonReply({ models: [...rows.values()] }, 200, answerHeaders(exchange.visit));
}

/** `GET /api/ps`: the models in memory: those of the engines of ours that are up. */
export async function serveRunningModels(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const caller = await callerOf(exchange, box);
  const up = new Map(box.fleet?.engines().flatMap((report) => (isUp(report) ? [[report.spec.name, report] as const] : [])));
  const rows: object[] = [];
  for (const listed of up.size === 0 ? [] : await box.catalog.list(caller)) {
    if (listed.aliasOf !== undefined) continue;
    const { deployments } = await box.catalog.find(listed.id, caller);
    const engines = deployments.flatMap(({ engine = "" }) => up.get(engine) ?? []);
    if (engines.length > 0) rows.push(residentRow(listed, engines, exchange.visit.now()));
  }
  return jsonReply({ models: rows }, 200, answerHeaders(exchange.visit));
}

function isUp({ state }: EngineReport): boolean {
  return state === "ready" || state === "suspect" || state === "draining";
}

/** So long what nobody stops stays, for clients that want to know. Milliseconds. */
const FOR_EVER = 100 * 365 * 86_400_000;

/** A model in the memory of GPUs. While it is in use it stays as long again as it would idle. */
function residentRow(listed: PublicModel, engines: readonly EngineReport[], now: number): object {
  const name = tagged(listed.id);
  const size = engines.reduce((sum, { spec }) => sum + spec.vram * spec.gpus.length, 0);
  const expires = Math.max(
    ...engines.map(({ idleUntil, pinned, spec: { idleTimeout } }) => idleUntil ?? now + (pinned || idleTimeout === 0 ? FOR_EVER : idleTimeout)),
  );
  return {
    name,
    model: name,
    size,
    digest: digestOf(name),
    details: detailsOf(listed.ownedBy),
    expires_at: new Date(expires).toISOString(),
    size_vram: size,
    context_length: Math.max(0, ...engines.map(({ spec }) => spec.maxModelLen ?? 0)),
  };
}

/** `POST /api/show`: what is known of a model. Throws `model-not-found`. */
export async function serveShow(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const caller = await callerOf(exchange, box);
  const name = await nameIn(exchange);
  const model = await box.catalog.find(name, caller);
  exchange.visit.model = model.name;
  const row = await box.catalog.describe(name, caller);
  const family = row.ownedBy;
  return jsonReply(
    {
      parameters: "",
      template: "",
      details: detailsOf(family),
      model_info: { "general.architecture": family, "general.basename": model.name, [`${family}.context_length`]: contextLength(model) },
      capabilities: capabilitiesOf(model),
      modified_at: timeOf(row),
    },
    200,
    answerHeaders(exchange.visit),
  );
}

const REFUSAL = "Models are managed in Signalbox itself, by its operator, and not through this API. GET /api/tags lists those that are there.";

/** `POST /api/pull`: a model that is there needs no pulling, and clients that pull before they ask go on. Throws `model-not-found`. */
export async function servePull(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const caller = await callerOf(exchange, box);
  await findModel(await nameIn(exchange), caller, exchange.visit, box);
  return { status: 200, headers: { "content-type": "application/x-ndjson", ...answerHeaders(exchange.visit) }, body: '{"status":"success"}\n' };
}

/** What would change which models there are. Throws `permission-denied`, always. */
export async function refuseManagement(exchange: Exchange, box: Signalbox): Promise<never> {
  await callerOf(exchange, box);
  throw new Failure("permission-denied", REFUSAL);
}

function callerOf(exchange: Exchange, box: Signalbox): Promise<Caller> {
  exchange.visit.operation = "models";
  exchange.visit.dialect = "ollama";
  return admit(exchange, box);
}

/** The model a body names, by the newer field or the older. */
async function nameIn(exchange: Exchange): Promise<string> {
  const json = objectOf(parseJson(await exchange.body()));
  const name = stringOf(json["model"]) || stringOf(json["name"]);
  if (name === undefined || name === "") throw invalidRequest("model", "model is missing. Name one of the models that GET /api/tags lists.");
  return name;
}

/** What a model can do, by what the config says of its deployments, else by their routes and profiles: who is told to think in an own way can think. */
function capabilitiesOf({ deployments }: Model): string[] {
  const serving = (operation: Operation) => deployments.filter(({ service }) => service.routes[operation] !== undefined);
  const chats = serving("chat");
  const able = (ability: Ability, unsaid: (profile: Profile) => boolean) =>
    chats.some(({ abilities, profile }) => abilities?.includes(ability) ?? unsaid(profile));
  return [
    ...(chats.length > 0 ? ["completion"] : []),
    ...(able("tools", () => true) ? ["tools"] : []),
    ...(able("images", () => true) ? ["vision"] : []),
    ...(able("thinking", ({ thinking, efforts }) => thinking !== "none" && (thinking !== "effort" || efforts !== undefined)) ? ["thinking"] : []),
    ...(serving("embeddings").length > 0 ? ["embedding"] : []),
  ];
}

/** Where the config does not say how much a model can read. Editors that are told nothing assume 4,096 tokens and cut everything to that. */
const CONTEXT_LENGTH = 131_072;

/** Of its deployments' windows the largest: what is too long for the others goes there. */
function contextLength({ deployments }: Model): number {
  const known = deployments.flatMap(({ contextWindow }) => contextWindow ?? []);
  return known.length === 0 ? CONTEXT_LENGTH : Math.max(...known);
}

function detailsOf(family: string) {
  return { parent_model: "", format: "", family, families: [family], parameter_size: "", quantization_level: "" };
}

/** The same for the same name, at every start: clients compare it to notice another model. */
function digestOf(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}

function timeOf({ created }: PublicModel): string {
  return new Date(created * 1000).toISOString();
}
