import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Service } from "../../vocabulary/service.ts";
import { suggestion } from "../checks/names.ts";
import type { DiscoveryRow } from "../discovery.ts";
import type { Path, Tell } from "../file/problem.ts";
import type { ProviderBook } from "../provider-book.ts";
import type { ModelSettings, Settings } from "../schema/schema.ts";
import { configuredDeployment, type DeploymentSettings, engineDeployment, isAtProvider, listedDeployment } from "./deployments.ts";
import type { EngineService } from "./engines.ts";
import { tariffOf } from "./prices.ts";
import { rulesOf } from "./rules.ts";

/** What models are made of. */
export interface ModelsRequest {
  readonly settings: Settings;
  readonly services: ReadonlyMap<string, Service>;
  readonly engines: ReadonlyMap<string, EngineService>;
  readonly book: ProviderBook;
}

/** The models the config names, but for those with a `*`. Tells of providers that are not there. */
export function configuredModels(request: ModelsRequest, aliases: ReadonlyMap<string, string>, tell: Tell): Map<string, Model> {
  const plain = Object.entries(request.settings.models).filter(([name]) => !name.includes("*"));
  return new Map(plain.map(([name, model]) => [name, configuredModel({ ...request, name, model, aliases }, tell)]));
}

export interface ModelRequest extends ModelsRequest {
  readonly name: string;
  readonly model: ModelSettings;
  /** Alias to model, for the names of fallbacks. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** One model as the config describes it. */
export function configuredModel(request: ModelRequest, tell: Tell): Model {
  const { name, model, settings, aliases } = request;
  const deployments = configuredDeployments(request, tell);
  const follow = (fallbacks: readonly string[]) => fallbacks.map((fallback) => aliases.get(fallback) ?? fallback);
  return {
    name,
    deployments,
    aliases: model.aliases,
    fallbacks: follow(model.fallbacks),
    contextFallbacks: follow(model.context_fallbacks),
    contentFallbacks: follow(model.content_fallbacks),
    ownedBy: deployments[0]?.service.name ?? "",
    listed: true,
    price: tariffOf(model.price),
    strategy: model.strategy ?? settings.routing.strategy,
    rules: rulesOf(name, model.rules, deployments, tell),
    hedge: model.hedge,
    cache: model.cache,
    outsideSchedule: model.outside_schedule === undefined ? undefined : outsideOf(model.outside_schedule, aliases),
  };
}

/** Its deployments. One that names the same model of the same provider again, with other hours or prices, is another: `provider/model#2`. */
function configuredDeployments({ name, model, settings, services, engines, book }: ModelRequest, tell: Tell): Deployment[] {
  const written = model.deployments.map((deployment) => JSON.stringify({ ...deployment, weight: 1 }));
  return model.deployments.flatMap((wanted, index): Deployment[] => {
    const path = ["models", name, "deployments", index];
    const same = written.indexOf(written[index] ?? "");
    if (same < index) tell(path, `is the same as deployments[${same}].`, "Remove one of them, and give the other its weight.");
    if (wanted.engine !== undefined) {
      const engine = engines.get(wanted.engine);
      checkEngine({ wanted, path, engine, again: model.deployments.findIndex((one) => one.engine === wanted.engine) < index }, settings, tell);
      return engine === undefined ? [] : [engineDeployment(engine, settings, book, wanted)];
    }
    if (!isAtProvider(wanted)) return [];
    if (wanted.model.includes("*") && !name.includes("*"))
      tell([...path, "model"], "* stands for what clients write in the place of a model's *, and this model has none.", "Write the model's whole name.");
    const service = services.get(wanted.provider);
    const earlier = model.deployments.slice(0, index).filter((one) => one.provider === wanted.provider && one.model === wanted.model).length;
    if (service !== undefined) return [configuredDeployment({ service, wanted, number: earlier + 1 }, settings, book)];
    const known = Object.keys(settings.providers);
    if (!known.includes(wanted.provider))
      tell([...path, "provider"], `there is no provider named ${wanted.provider}.`, suggestion(wanted.provider, known, "providers"));
    return [];
  });
}

/** An engine brings its own limits, and stands once in a model. */
function checkEngine(
  {
    wanted,
    path,
    engine,
    again,
  }: { readonly wanted: DeploymentSettings; readonly path: Path; readonly engine: EngineService | undefined; readonly again: boolean },
  { fleet }: Settings,
  tell: Tell,
): void {
  if (engine === undefined && fleet.engines[wanted.engine ?? ""] === undefined)
    tell([...path, "engine"], `there is no engine named ${wanted.engine}.`, suggestion(wanted.engine ?? "", Object.keys(fleet.engines), "fleet.engines"));
  if (again) tell([...path, "engine"], `${wanted.engine} stands there already.`, "Name each engine once.");
  if (wanted.provider !== undefined || wanted.model !== undefined)
    tell(path, "names an engine and a provider or a model.", "Remove provider and model: the engine has its own.");
  if (wanted.max_concurrent !== undefined) tell([...path, "max_concurrent"], "is the engine's own.", `Set fleet.engines.${wanted.engine}.max_concurrent.`);
}

function outsideOf(outside: NonNullable<ModelSettings["outside_schedule"]>, aliases: ReadonlyMap<string, string>): Model["outsideSchedule"] {
  return typeof outside === "string" ? outside : { alias: aliases.get(outside.alias) ?? outside.alias };
}

/** Every model the providers list, under its own name and as `provider/model`; what two providers list is served by both, in their order. */
export function listedModels({ settings, services, book }: ModelsRequest, rows: readonly DiscoveryRow[]): Map<string, Model> {
  const models = new Map<string, Model>();
  const offer = (name: string, deployment: Deployment, listed: boolean) => {
    const known = models.get(name);
    models.set(name, {
      name,
      deployments: [...(known?.deployments ?? []), deployment],
      aliases: [],
      fallbacks: [],
      contextFallbacks: [],
      contentFallbacks: [],
      ownedBy: known?.ownedBy ?? deployment.service.name,
      listed: listed || (known?.listed ?? false),
      strategy: settings.routing.strategy,
      rules: [],
    });
  };
  for (const row of rows) {
    const service = services.get(row.provider);
    if (service === undefined) continue;
    for (const model of new Set(row.models)) {
      const deployment = listedDeployment(service, model, settings, book);
      offer(model, deployment, true);
      offer(`${row.provider}/${model}`, deployment, false);
    }
  }
  return models;
}
