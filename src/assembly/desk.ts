import type { AdminParts } from "../admin/routes.ts";
import type { Catalog } from "../catalog/catalog.ts";
import { shownConfig } from "../config/show.ts";
import { priceBook } from "../gateway/billing/price-book.ts";
import type { RunningRouting } from "../routing/create.ts";
import type { Store } from "../store/open.ts";
import { type FleetRequest, fleetParts } from "./fleet/fleet-parts.ts";
import { type Installation, tariffFor } from "./installation.ts";
import type { Money } from "./money.ts";
import type { WhoMay } from "./who-may.ts";

/** What management works on is made of. */
interface DeskParts extends Pick<AdminParts, "cache" | "explain">, Omit<FleetRequest, "standings" | "models"> {
  readonly installation: Installation;
  readonly store: Store;
  readonly access: WhoMay;
  readonly money: Money;
  readonly models: Pick<Catalog, "deployment">;
  readonly routing: RunningRouting;
  readonly reload: AdminParts["config"]["reload"];
}

/** What management works on. */
export function deskOf({ installation, store, access, money, models, routing, reload, cache, explain, ...fleet }: DeskParts): AdminParts {
  const { standings } = routing;
  const inForce = () => installation.current();
  return {
    keys: access.keys,
    users: access.users,
    teams: access.teams,
    teamsOf: store.teams.of,
    hashPassword: access.logins.passwords.hash,
    audit: store.audit,
    requests: store.requests,
    batches: store.batches,
    moneyOf: money.of,
    money: money.desk(async (userId) => (await access.users.find(userId)) !== undefined),
    config: { shown: () => shownConfig(inForce().loaded), reload },
    cache,
    explain,
    models: {
      models: () => inForce().models.all(),
      deployment: models.deployment,
      standing: standings.reportOn,
      engine: (name) => fleet.fleet?.engines().find(({ spec }) => spec.name === name),
      reset: standings.reset,
    },
    ...fleetParts({ ...fleet, standings, models: () => inForce().models.byName.values() }),
    prices: {
      builtIn: tariffFor,
      book() {
        const { snapshot, models: known } = inForce();
        return priceBook({ models: known, services: snapshot.services, tariffFor });
      },
    },
  };
}
