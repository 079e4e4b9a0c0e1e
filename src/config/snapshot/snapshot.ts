import type { Model } from "../../vocabulary/model.ts";
import type { Service } from "../../vocabulary/service.ts";
import { configuredServices, type DiscoveryRequest, type DiscoveryRow, discover, listConfigured } from "../discovery.ts";
import { problemAt } from "../file/explain.ts";
import type { LoadedConfig } from "../file/load.ts";
import { ConfigError, type Path, type Problem } from "../file/problem.ts";
import { checkFallbacks, checkKeys, followAliases } from "../file/references.ts";
import type { ProviderBook, ServiceRequest } from "../provider-book.ts";
import type { Settings } from "../schema/schema.ts";
import { findDefault } from "./default-model.ts";
import { configuredModels, listedModels } from "./models.ts";
import { readyServices } from "./services.ts";

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
  const wanted = { settings: loaded.settings, services, book };
  const models = configured ? configuredModels(wanted, tell) : listedModels(wanted, request.rows);
  const aliases = configured ? followAliases(loaded.settings, tell) : new Map<string, string>();
  if (configured) checkFallbacks(loaded.settings, aliases, tell);
  checkKeys(loaded.settings, configured ? [...models.keys(), ...aliases.keys()] : undefined, tell);
  const notices = [...loaded.notices];
  const defaultModel = findDefault({ loaded, listed: request.rows.length > 0 }, { models, aliases, services }, tell, notices);
  if (problems.length > 0) throw new ConfigError(problems);
  const follow = (name: string) => aliases.get(name) ?? name;
  const followed = [...models.values()].map(
    (model) =>
      [
        model.name,
        {
          ...model,
          fallbacks: model.fallbacks.map(follow),
          contextFallbacks: model.contextFallbacks.map(follow),
          contentFallbacks: model.contentFallbacks.map(follow),
        },
      ] as const,
  );
  return { settings: loaded.settings, services, models: new Map(followed), aliases, ...(defaultModel === undefined ? {} : { defaultModel }), notices };
}
