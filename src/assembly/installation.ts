import { type Models, modelsOf } from "../catalog/models.ts";
import { builtInTariff } from "../catalog/prices/price-list.ts";
import type { DiscoveryRow } from "../config/discovery.ts";
import { type LoadedConfig, type LoadRequest, loadConfig } from "../config/file/load.ts";
import type { ProviderBook } from "../config/provider-book.ts";
import { initialSnapshot, resolveConfig, type Snapshot } from "../config/snapshot/snapshot.ts";
import { PROVIDERS, priceListOf, profileFor, serviceFor } from "../providers/index.ts";
import type { Probe } from "../upstream/probe.ts";
import type { Tariff } from "../vocabulary/price.ts";
import { checkFleet } from "./fleet/check-fleet.ts";

/** What is in force: the config as loaded, what it resolves to, and the models as the catalog wants them. Swapped whole. */
export interface InForce {
  readonly loaded: LoadedConfig;
  readonly snapshot: Snapshot;
  readonly models: Models;
  /** Providers found and not found; empty when the config names its models. */
  readonly rows: readonly DiscoveryRow[];
}

/** The config of a running gateway, and how it changes. */
export interface Installation {
  current(): InForce;
  /** Discovery still under way; `undefined` once everything is known. */
  settling(): Promise<void> | undefined;
  /** Loads and resolves everything anew and swaps it in. Throws `ConfigError` and changes nothing when it is not valid. */
  reload(): Promise<InForce>;
  /** Asks the providers whose models are discovered for them anew, and swaps in what that makes. Did anything change? */
  refresh(): Promise<boolean>;
}

/** What there is to know of providers, as the config wants it. */
export const BOOK: ProviderBook = { kinds: PROVIDERS, serviceFor, profileFor, tariffFor, checkFleet };

/** A built-in price, by the kind of provider, or by genai-prices' own name for one that is no kind of ours. */
export function tariffFor(provider: string, model: string): Tariff | undefined {
  return builtInTariff(priceListOf(provider) ?? provider, model);
}
export const KINDS: readonly string[] = PROVIDERS.map((provider) => provider.kind);

/** Loads the config and starts to ask providers for their models; requests can be served meanwhile. Throws `ConfigError`. */
export function install(request: LoadRequest, probe: Probe): Installation {
  const load = () => loadConfig({ ...request, facts: PROVIDERS });
  const loaded = load();
  const first = initialSnapshot(loaded, BOOK);
  let current = inForce(loaded, first.snapshot, []);
  let settling: Promise<void> | undefined;
  const resolved = async (fresh: LoadedConfig): Promise<InForce> => {
    const { snapshot, rows } = await resolveConfig(fresh, { book: BOOK, probe, last: current.rows });
    return inForce(fresh, snapshot, rows);
  };
  if (!first.complete) {
    settling = resolved(loaded).then((known) => {
      current = known;
      settling = undefined;
    });
  }
  // One after the other: a slow discovery must not put an older file in the place of a newer one.
  let last: Promise<unknown> = (settling ?? Promise.resolve()).catch(() => undefined);
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    current: () => current,
    settling: () => settling,
    reload: () =>
      inTurn(async () => {
        current = await resolved(load());
        return current;
      }),
    refresh: () =>
      inTurn(async () => {
        const known = await resolved(current.loaded);
        if (listsOf(known) === listsOf(current)) return false;
        current = known;
        return true;
      }),
  };
}

/** What providers offer, to be compared. */
function listsOf({ rows }: InForce): string {
  return JSON.stringify(rows.map(({ provider, found, models }) => [provider, found, models]));
}

function inForce(loaded: LoadedConfig, snapshot: Snapshot, rows: readonly DiscoveryRow[]): InForce {
  return { loaded, snapshot, rows, models: modelsOf([...snapshot.models.values()], snapshot) };
}
