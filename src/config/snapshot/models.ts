import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Model } from "../../vocabulary/model.ts";
import type { Service } from "../../vocabulary/service.ts";
import type { DiscoveryRow } from "../discovery.ts";
import { suggestion, type Tell } from "../file/references.ts";
import type { ProviderBook } from "../provider-book.ts";
import type { ModelSettings, Settings } from "../schema/schema.ts";
import { configuredDeployment, listedDeployment, priceOf } from "./deployments.ts";
import { rulesOf } from "./rules.ts";

/** What models are made of. */
export interface ModelsRequest {
  readonly settings: Settings;
  readonly services: ReadonlyMap<string, Service>;
  readonly book: ProviderBook;
}

/** The models the config names. Tells of providers that are not there. */
export function configuredModels(request: ModelsRequest, tell: Tell): Map<string, Model> {
  return new Map(Object.entries(request.settings.models).map(([name, model]) => [name, configuredModel(name, model, request, tell)]));
}

function configuredModel(name: string, model: ModelSettings, { settings, services, book }: ModelsRequest, tell: Tell): Model {
  const deployments = model.deployments.flatMap((wanted, index): Deployment[] => {
    const service = services.get(wanted.provider);
    if (service !== undefined) return [configuredDeployment(service, wanted, settings, book)];
    const known = Object.keys(settings.providers);
    if (!known.includes(wanted.provider))
      tell(
        ["models", name, "deployments", index, "provider"],
        `there is no provider named ${wanted.provider}.`,
        suggestion(wanted.provider, known, "providers"),
      );
    return [];
  });
  return {
    name,
    deployments,
    aliases: model.aliases,
    fallbacks: model.fallbacks,
    contextFallbacks: model.context_fallbacks,
    contentFallbacks: model.content_fallbacks,
    ownedBy: deployments[0]?.service.name ?? "",
    listed: true,
    price: priceOf(model.price),
    strategy: model.strategy ?? settings.routing.strategy,
    rules: rulesOf(name, model.rules, deployments, tell),
    hedge: model.hedge,
    cache: model.cache,
  };
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
