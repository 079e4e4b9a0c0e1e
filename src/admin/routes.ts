import type { Keys } from "../access/keys.ts";
import type { Teams } from "../access/teams.ts";
import type { AnswerCache } from "../cache/cache.ts";
import type { Route } from "../gateway/visit/exchange.ts";
import type { AuditStore } from "../store/audit/audit.ts";
import type { BatchStore } from "../store/batches/batches.ts";
import type { RequestStore } from "../store/requests/requests.ts";
import { auditRoutes } from "./audit.ts";
import { batchRoutes } from "./batches.ts";
import { cacheRoutes } from "./cache.ts";
import { type ConfigDesk, configRoutes } from "./config.ts";
import { type ExplainDesk, explainRoutes } from "./explain.ts";
import { type FleetParts, fleetRoutes } from "./fleet/routes.ts";
import { type ModelDesk, modelRoutes } from "./models.ts";
import { type MoneyDesk, moneyRoutes } from "./money/money.ts";
import { type PriceDesk, priceRoutes } from "./money/prices.ts";
import { type ReratingParts, reratingRoutes } from "./money/rerating.ts";
import { usageRoutes } from "./money/usage.ts";
import { tellingOutages } from "./outages.ts";
import { keyRoutes } from "./people/keys.ts";
import { teamRoutes } from "./people/teams.ts";
import { type UserParts, userRoutes } from "./people/users.ts";
import { requestRoutes } from "./requests/requests.ts";

/** Who may what: what management of it works on. */
export interface AccessParts extends UserParts {
  readonly keys: Keys;
  readonly teams: Teams;
  readonly audit: Pick<AuditStore, "list">;
}

/** What management works on. */
export interface AdminParts extends AccessParts, FleetParts {
  readonly requests: RequestStore;
  readonly batches: Pick<BatchStore, "anyones">;
  readonly money: MoneyDesk;
  readonly config: ConfigDesk;
  readonly models: ModelDesk;
  readonly prices: Pick<PriceDesk, "builtIn"> & { readonly book: ReratingParts["prices"] };
  readonly cache: Pick<AnswerCache, "state" | "clear">;
  readonly explain: ExplainDesk;
}

/** Everything below `/admin`. */
export function adminRoutes(parts: AdminParts): Route[] {
  return tellingOutages([
    ...accessRoutes(parts),
    ...requestRoutes(parts.requests),
    ...batchRoutes(parts.batches),
    ...usageRoutes(parts.requests),
    ...configRoutes(parts.config),
    ...modelRoutes(parts.models),
    ...fleetRoutes(parts),
    ...moneyRoutes(parts.money),
    ...priceRoutes({ ...parts.prices, models: () => parts.models.models() }),
    ...reratingRoutes({ requests: parts.requests, books: parts.money, prices: () => parts.prices.book() }),
    ...explainRoutes(parts),
    ...cacheRoutes(parts.cache, () => parts.models.models()),
  ]);
}

/** What of it needs no more than the ledger: the command line does it itself when no gateway runs. */
export function accessRoutes({ keys, teams, audit, ...users }: AccessParts): Route[] {
  return [...keyRoutes(keys), ...userRoutes(users), ...teamRoutes(teams), ...auditRoutes(audit)];
}
