import type { Keys } from "../access/keys.ts";
import type { Teams } from "../access/teams.ts";
import type { Users } from "../access/users.ts";
import type { AnswerCache } from "../cache/cache.ts";
import type { Route } from "../gateway/visit/exchange.ts";
import type { AuditStore } from "../store/audit/audit.ts";
import type { RequestStore } from "../store/requests/requests.ts";
import { auditRoutes } from "./audit.ts";
import { cacheRoutes } from "./cache.ts";
import { type ConfigDesk, configRoutes } from "./config.ts";
import { type ExplainDesk, explainRoutes } from "./explain.ts";
import { keyRoutes } from "./keys.ts";
import { type ModelDesk, modelRoutes } from "./models.ts";
import { requestRoutes } from "./requests.ts";
import { teamRoutes } from "./teams.ts";
import { userRoutes } from "./users.ts";

/** Who may what: what management of it works on. */
export interface AccessParts {
  readonly keys: Keys;
  readonly users: Users;
  readonly teams: Teams;
  readonly audit: Pick<AuditStore, "list">;
  /** The ids of a user's teams. */
  teamsOf(userId: string): Promise<string[]>;
  /** The hash of a user's new password. Rejects with `invalid-request` for one that breaks the rules. */
  hashPassword(password: string): Promise<string>;
}

/** What management works on. */
export interface AdminParts extends AccessParts {
  readonly requests: RequestStore;
  readonly config: ConfigDesk;
  readonly models: ModelDesk;
  readonly cache: Pick<AnswerCache, "state" | "clear">;
  readonly explain: ExplainDesk;
}

/** Everything below `/admin`. */
export function adminRoutes(parts: AdminParts): Route[] {
  return [
    ...accessRoutes(parts),
    ...requestRoutes(parts.requests),
    ...configRoutes(parts.config),
    ...modelRoutes(parts.models),
    ...explainRoutes(parts),
    ...cacheRoutes(parts.cache, () => parts.models.models()),
  ];
}

/** What of it needs no more than the ledger: the command line does it itself when no gateway runs. */
export function accessRoutes({ keys, users, teams, audit, teamsOf, hashPassword }: AccessParts): Route[] {
  return [...keyRoutes(keys), ...userRoutes({ users, teamsOf, hashPassword }), ...teamRoutes(teams), ...auditRoutes(audit)];
}
