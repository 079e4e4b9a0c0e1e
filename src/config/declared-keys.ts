import type { Budget, RateLimits } from "../vocabulary/bounds.ts";
import type { Role } from "../vocabulary/caller.ts";
import type { Operation } from "../vocabulary/service.ts";
import { budgetsOf, rateLimitsOf } from "./bounds.ts";
import type { LoadedConfig } from "./file/load.ts";

/** A key that the file or the environment declares, and where. */
export interface DeclaredKey {
  /** Unique: `environment:WEBUI_API_KEY`, `file:ci`. */
  readonly origin: string;
  readonly name: string;
  readonly description?: string;
  readonly key: string;
  readonly role: Role;
  readonly userId?: string;
  readonly teamId?: string;
  readonly source?: string;
  readonly models?: readonly string[];
  readonly routes?: readonly Operation[];
  readonly limits?: RateLimits;
  readonly budgets?: readonly Budget[];
  readonly localOnly: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
  /** Believed when it names end users. */
  readonly vouches: boolean;
  /** Refused rather than answered without a knob it turned. */
  readonly strict: boolean;
}

/** The declared keys, for the ledger to take over at every start and reload. Their plain text is secret. */
export function declaredKeys(loaded: Pick<LoadedConfig, "settings" | "origins">): DeclaredKey[] {
  return loaded.settings.keys.map(({ user_id, team_id, local_only, expires_at, limits, budgets, ...key }, index) => {
    const origin = loaded.origins.get(`keys[${index}]`);
    return {
      ...key,
      // NAME_FILE is another way to give NAME, not another key.
      origin: origin?.from === "environment" ? `environment:${origin.name.replace(/_FILE$/, "")}` : `file:${key.name}`,
      userId: user_id,
      teamId: team_id,
      localOnly: local_only,
      expiresAt: expires_at,
      limits: limits && rateLimitsOf(limits),
      budgets: budgets && budgetsOf(budgets),
    };
  });
}
