import { nearestName } from "../vocabulary/nearest-name.ts";
import type { Profile } from "../vocabulary/profile.ts";
import type { Deployment, Service } from "../vocabulary/service.ts";
import { configuredServices, type DiscoveryRequest, type DiscoveryRow, discover, listConfigured } from "./discovery.ts";
import { problemAt } from "./file/explain.ts";
import type { LoadedConfig } from "./file/load.ts";
import { ConfigError, type Path, type Problem } from "./file/problem.ts";
import { checkFallbacks, checkKeys, followAliases, suggestion, type Tell } from "./file/references.ts";
import type { ProviderBook, ServiceRequest } from "./provider-book.ts";
import { profileOf } from "./schema/profile-settings.ts";
import type { Settings } from "./schema/schema.ts";

/** USD for a million tokens, and for a request. */
export interface Price {
  readonly input?: number;
  readonly output?: number;
  readonly cacheRead?: number;
  readonly cacheWrite?: number;
  readonly perRequest?: number;
}

/** A model as clients know it. */
export interface Model {
  readonly name: string;
  /** In the order of the config, or of the table of providers. */
  readonly deployments: readonly Deployment[];
  /** Public names, aliases already followed. */
  readonly fallbacks: readonly string[];
  readonly aliases: readonly string[];
  /** The provider of its first deployment. */
  readonly ownedBy: string;
  readonly price?: Price;
  /** `false` for the second name of a discovered model, `openai/gpt-4o`: it may be asked for, and is not listed. */
  readonly listed: boolean;
}

/** Everything a request reads of the config, resolved once and swapped whole. */
export interface Snapshot {
  readonly settings: Settings;
  readonly services: ReadonlyMap<string, Service>;
  /** By public name, without aliases. */
  readonly models: ReadonlyMap<string, Model>;
  /** Alias to public name. */
  readonly aliases: ReadonlyMap<string, string>;
  /** The public name of the model for requests that name none. */
  readonly defaultModel?: string;
  /** Sentences to print at start. */
  readonly notices: readonly string[];
}

export interface Resolved {
  readonly snapshot: Snapshot;
  /** What was found and what was not, for the table at start. */
  readonly rows: readonly DiscoveryRow[];
}

/**
 * What is known before any provider was asked. `complete`: the config names its models, so nobody needs to be.
 * Throws a `ConfigError` with everything that asking would not mend.
 */
export function initialSnapshot(loaded: LoadedConfig, book: ProviderBook): { readonly snapshot: Snapshot; readonly complete: boolean } {
  const services = configuredServices(loaded.settings, loaded.environment, book.kinds);
  return { snapshot: buildSnapshot({ loaded, book, services, rows: [] }), complete: namesModels(loaded.settings) };
}

/**
 * From a loaded config to what requests read: asks providers for their models where the config names none.
 * Throws a `ConfigError` with every reference that leads nowhere.
 */
export async function resolveConfig(loaded: LoadedConfig, means: Omit<DiscoveryRequest, "environment">): Promise<Resolved> {
  const initial = initialSnapshot(loaded, means.book);
  if (initial.complete) return { snapshot: initial.snapshot, rows: [] };
  const request = { ...means, environment: loaded.environment };
  const services = configuredServices(loaded.settings, loaded.environment, means.book.kinds);
  // Providers in the file are the whole truth; only without any is the neighbourhood searched.
  const rows = services.length > 0 ? await listConfigured({ ...request, services }) : await discover(request);
  const found = services.length > 0 ? services : rows.flatMap((row) => row.service ?? []);
  return { snapshot: buildSnapshot({ loaded, book: means.book, services: found, rows }), rows };
}

function namesModels(settings: Settings): boolean {
  return Object.keys(settings.models).length > 0;
}

interface SnapshotRequest {
  readonly loaded: LoadedConfig;
  readonly book: ProviderBook;
  readonly services: readonly ServiceRequest[];
  /** Models the providers listed; used when the config names none. */
  readonly rows: readonly DiscoveryRow[];
}

function buildSnapshot(request: SnapshotRequest): Snapshot {
  const { loaded, book } = request;
  const problems: Problem[] = [];
  const tell = (path: Path, message: string, fix: string) => problems.push(problemAt(loaded, path, { message, fix }));
  const services = readyServices(request, tell);
  const configured = namesModels(loaded.settings);
  const models = configured ? configuredModels(loaded.settings, services, book, tell) : listedModels(loaded.settings, services, request.rows, book);
  const aliases = configured ? followAliases(loaded.settings, tell) : new Map<string, string>();
  if (configured) checkFallbacks(loaded.settings, aliases, tell);
  checkKeys(loaded.settings, configured ? [...models.keys(), ...aliases.keys()] : undefined, tell);
  const notices = [...loaded.notices];
  const defaultModel = findDefault(request, { models, aliases, services }, tell, notices);
  if (problems.length > 0) throw new ConfigError(problems);
  const followed = [...models.values()].map(
    (model) => [model.name, { ...model, fallbacks: model.fallbacks.map((name) => aliases.get(name) ?? name) }] as const,
  );
  return { settings: loaded.settings, services, models: new Map(followed), aliases, ...(defaultModel === undefined ? {} : { defaultModel }), notices };
}

function readyServices({ loaded, book, services }: SnapshotRequest, tell: Tell): Map<string, Service> {
  const ready = new Map<string, Service>();
  for (const wanted of services) {
    const kinds = book.kinds.map((kind) => kind.kind);
    if (!kinds.includes(wanted.kind)) {
      const near = nearestName(wanted.kind, kinds);
      tell(
        ["providers", wanted.name],
        `${wanted.name} is no kind of provider.`,
        near === undefined ? `Give it a kind: ${kinds.join(", ")}.` : `Give it a kind, such as kind: ${near}.`,
      );
      continue;
    }
    const service = book.serviceFor(wanted);
    if (typeof service !== "string") {
      ready.set(wanted.name, service);
      continue;
    }
    const facts = book.kinds.find((kind) => kind.kind === wanted.kind);
    const field = wanted.key === undefined && facts?.keyRequired ? "api_key" : "base_url";
    const variable = (field === "api_key" ? facts?.keyVariables : facts?.baseUrlVariables)?.[0];
    const fix = `Set ${field}${variable === undefined ? "" : `, or ${variable} in the environment`}.`;
    tell(["providers", wanted.name], service, loaded.origins.has("providers") ? fix : "");
  }
  return ready;
}

function configuredModels(settings: Settings, services: ReadonlyMap<string, Service>, book: ProviderBook, tell: Tell): Map<string, Model> {
  const models = new Map<string, Model>();
  for (const [name, model] of Object.entries(settings.models)) {
    const deployments = model.deployments.flatMap((wanted, index): Deployment[] => {
      const service = services.get(wanted.provider);
      if (service === undefined) {
        const known = Object.keys(settings.providers);
        if (!known.includes(wanted.provider))
          tell(
            ["models", name, "deployments", index, "provider"],
            `there is no provider named ${wanted.provider}.`,
            suggestion(wanted.provider, known, "providers"),
          );
        return [];
      }
      return [
        deploymentOf(
          {
            service,
            model: wanted.model,
            weight: wanted.weight,
            maxBatch: wanted.max_batch,
            override: overrides(settings, wanted.provider, profileOf(wanted.profile)),
          },
          book,
        ),
      ];
    });
    const { price } = model;
    models.set(name, {
      name,
      deployments,
      fallbacks: model.fallbacks,
      aliases: model.aliases,
      ownedBy: deployments[0]?.service.name ?? "",
      listed: true,
      ...(price === undefined
        ? {}
        : { price: { input: price.input, output: price.output, cacheRead: price.cache_read, cacheWrite: price.cache_write, perRequest: price.per_request } }),
    });
  }
  return models;
}

/** Every listed model under its own name and as `provider/model`; what two providers list is served by both, in their order. */
function listedModels(settings: Settings, services: ReadonlyMap<string, Service>, rows: readonly DiscoveryRow[], book: ProviderBook): Map<string, Model> {
  const models = new Map<string, Model>();
  const offer = (name: string, deployment: Deployment, listed: boolean) => {
    const known = models.get(name);
    const deployments = [...(known?.deployments ?? []), deployment];
    models.set(name, {
      name,
      deployments,
      fallbacks: [],
      aliases: [],
      ownedBy: known?.ownedBy ?? deployment.service.name,
      listed: listed || (known?.listed ?? false),
    });
  };
  for (const row of rows) {
    const service = services.get(row.provider);
    if (service === undefined) continue;
    for (const model of new Set(row.models)) {
      const deployment = deploymentOf({ service, model, weight: 1, override: overrides(settings, row.provider) }, book);
      offer(model, deployment, true);
      offer(`${row.provider}/${model}`, deployment, false);
    }
  }
  return models;
}

function overrides(settings: Settings, provider: string, own: Partial<Profile> = {}): Partial<Profile> {
  const general = profileOf(settings.providers[provider]?.profile);
  return {
    ...general,
    ...own,
    drop: [...(general.drop ?? []), ...(own.drop ?? [])],
    rename: { ...general.rename, ...own.rename },
    deadlines: { ...general.deadlines, ...own.deadlines },
  };
}

interface Wanted {
  readonly service: Service;
  readonly model: string;
  readonly weight: number;
  readonly maxBatch?: number;
  readonly override: Partial<Profile>;
}

function deploymentOf(wanted: Wanted, book: ProviderBook): Deployment {
  const { service, model, weight, maxBatch } = wanted;
  const profile = book.profileFor(service.kind, model, wanted.override);
  return { id: `${service.name}/${model}`, service, model, profile, weight, tags: [], ...(maxBatch === undefined ? {} : { maxBatch }) };
}

interface Names {
  readonly models: ReadonlyMap<string, Model>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly services: ReadonlyMap<string, Service>;
}

function findDefault(request: SnapshotRequest, names: Names, tell: Tell, notices: string[]): string | undefined {
  const { default_model: model, default_provider: provider } = request.loaded.settings.routing;
  const listed = [...names.models.values()].filter((one) => one.listed);
  if (model !== undefined) {
    const name = names.aliases.get(model) ?? model;
    if (names.models.has(name)) return name;
    if (!namesModels(request.loaded.settings)) {
      if (request.rows.length > 0) notices.push(`default_model ${model} is not offered by any provider found: requests must name a model.`);
      return undefined;
    }
    const known = [...listed.map((one) => one.name), ...names.aliases.keys()];
    tell(["routing", "default_model"], `there is no model named ${model}.`, suggestion(model, known, "models"));
    return undefined;
  }
  if (provider === undefined) return undefined;
  const service = [...names.services.values()].find((one) => [one.name, one.kind].some((name) => name.toLowerCase() === provider.toLowerCase()));
  if (service !== undefined) return listed.find((one) => one.deployments.some((deployment) => deployment.service === service))?.name;
  const known = [...names.services.keys()];
  // Seed 001's PROVIDER names services of its own, and what is only discovered may be away today: neither is a reason not to start.
  if (request.loaded.origins.get("routing.default_provider")?.from === "file" && Object.keys(request.loaded.settings.providers).length > 0)
    tell(["routing", "default_provider"], `there is no provider named ${provider}.`, suggestion(provider, known, "providers"));
  else if (namesModels(request.loaded.settings) || request.rows.length > 0)
    notices.push(`PROVIDER=${provider} names no provider in force (${known.join(", ") || "there is none"}): requests must name a model.`);
  return undefined;
}
