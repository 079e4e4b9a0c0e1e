import type { Model } from "../../vocabulary/model.ts";
import type { Service } from "../../vocabulary/service.ts";
import type { Wildcard } from "../../vocabulary/wildcard.ts";
import { checkAuth } from "../checks/auth.ts";
import { checkEngines } from "../checks/engines.ts";
import { checkFallbacks } from "../checks/fallbacks.ts";
import { checkKeys } from "../checks/keys.ts";
import { publicNames } from "../checks/names.ts";
import { tellOddities } from "../checks/oddities.ts";
import { checkPrices } from "../checks/prices.ts";
import { checkSections } from "../checks/sections.ts";
import { checkWindows } from "../checks/windows.ts";
import { configuredServices, type DiscoveryRequest, type DiscoveryRow, discover, listConfigured, withLastLists } from "../discovery.ts";
import { problemAt } from "../file/explain.ts";
import type { LoadedConfig } from "../file/load.ts";
import { ConfigError, type Path, type Problem, problemText } from "../file/problem.ts";
import type { ProviderBook, ServiceRequest } from "../provider-book.ts";
import type { Settings } from "../schema/schema.ts";
import { findDefault } from "./default-model.ts";
import { engineModels, engineServices } from "./engines.ts";
import { configuredModels, listedModels } from "./models.ts";
import { readyServices } from "./services.ts";
import { listedByWildcards, listedProviders, wildcardsOf } from "./wildcards.ts";

/** Everything a request reads of the config, resolved once and swapped whole. */
export interface Snapshot {
  readonly settings: Settings;
  readonly services: ReadonlyMap<string, Service>;
  /** By public name, without aliases. */
  readonly models: ReadonlyMap<string, Model>;
  /** Names with a `*`, that which says most first: models made as they are asked for. */
  readonly wildcards: readonly Wildcard[];
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
 * What is known before any provider was asked. `complete`: the config names all its models, so nobody needs to be.
 * Throws a `ConfigError` with everything that asking would not mend.
 */
export function initialSnapshot(loaded: LoadedConfig, book: ProviderBook): { readonly snapshot: Snapshot; readonly complete: boolean } {
  const services = configuredServices(loaded.settings, loaded.environment, book.kinds);
  return {
    snapshot: buildSnapshot({ loaded, book, services, rows: [] }),
    complete: (namesModels(loaded.settings) && listedProviders(loaded.settings).size === 0) || (services.length === 0 && namesEngines(loaded.settings)),
  };
}

export interface ResolveRequest extends Omit<DiscoveryRequest, "environment"> {
  /** What was known of the providers so far: one that does not answer now keeps its list. */
  readonly last?: readonly DiscoveryRow[];
}

/**
 * From a loaded config to what requests read: asks providers for their models where the config does not name them all.
 * Throws a `ConfigError` with every reference that leads nowhere.
 */
export async function resolveConfig(loaded: LoadedConfig, means: ResolveRequest): Promise<Resolved> {
  const initial = initialSnapshot(loaded, means.book);
  if (initial.complete) return { snapshot: initial.snapshot, rows: [] };
  const request = { ...means, environment: loaded.environment };
  const services = configuredServices(loaded.settings, loaded.environment, means.book.kinds);
  const configured = namesModels(loaded.settings);
  const asked = configured ? services.filter(({ name }) => listedProviders(loaded.settings).has(name)) : services;
  // Providers in the file are the whole truth; only without any is the neighbourhood searched.
  const found = services.length > 0 ? await listConfigured({ ...request, services: asked }) : await discover(request);
  const rows = withLastLists(found, means.last ?? []);
  const inForce = services.length > 0 ? services : rows.flatMap((row) => (row.found ? (row.service ?? []) : []));
  return { snapshot: buildSnapshot({ loaded, book: means.book, services: inForce, rows }), rows };
}

function namesModels(settings: Settings): boolean {
  return Object.keys(settings.models).length > 0;
}

/** Engines in the file are the whole truth as well: nobody looks around for more. */
function namesEngines(settings: Settings): boolean {
  return Object.keys(settings.fleet.engines).length > 0;
}

interface SnapshotRequest {
  readonly loaded: LoadedConfig;
  readonly book: ProviderBook;
  readonly services: readonly ServiceRequest[];
  /** Models the providers listed; used when the config names none. */
  readonly rows: readonly DiscoveryRow[];
}

function buildSnapshot(request: SnapshotRequest): Snapshot {
  const { loaded, book, rows } = request;
  const { settings } = loaded;
  const problems: Problem[] = [];
  const notices = [...loaded.notices];
  const tell = (path: Path, message: string, fix: string) => problems.push(problemAt(loaded, path, { message, fix }));
  const note = (path: Path, message: string, fix: string) => notices.push(problemText(problemAt(loaded, path, { message, fix })));
  const configured = namesModels(settings);
  const services = readyServices(request, tell);
  const names = publicNames(settings, tell);
  const { aliases } = names;
  const engines = engineServices(settings, book, tell);
  const wanted = { settings, services, engines, book, aliases, rows };
  const models = configured ? configuredModels(wanted, aliases, tell) : listedModels(wanted, rows);
  const wildcards = wildcardsOf(wanted, tell);
  for (const [name, model] of listedByWildcards(wildcards, wanted, (taken) => models.has(taken) || aliases.has(taken))) models.set(name, model);
  const ownModels = engineModels(engines, settings, book, (taken) => models.has(taken) || aliases.has(taken));
  for (const [name, model] of ownModels) models.set(name, model);
  checkFallbacks(settings, names, tell);
  checkKeys(settings, configured ? names : undefined, tell);
  checkSections(settings, configured ? names : undefined, tell);
  checkPrices(settings, tell);
  checkAuth(settings, tell, note);
  checkEngines(settings.fleet, tell, note);
  checkWindows(settings.fleet, book.checkFleet, { tell, note });
  tellOddities(settings, models, note);
  const defaultModel = findDefault({ loaded, listed: rows.length > 0 }, { models, names, services }, tell, notices);
  if (problems.length > 0) throw new ConfigError(problems);
  return { settings, services, models, wildcards, aliases, ...(defaultModel === undefined ? {} : { defaultModel }), notices };
}
