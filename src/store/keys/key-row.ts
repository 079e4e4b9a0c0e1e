import type { Budget, RateLimits } from "../../vocabulary/bounds.ts";
import type { Role } from "../../vocabulary/caller.ts";
import type { Operation } from "../../vocabulary/service.ts";
import { type BoundsColumns, boundsColumns, boundsOf } from "../bounds-text.ts";

/** A key as it is kept: never the key itself. Times are milliseconds since 1970. */
export interface KeyRow {
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  /** Of the value it had before it was last rotated, and until when that one may still be used. */
  readonly formerHash?: string;
  readonly formerUntil?: number;
  /** Enough of the key to recognise it by: `sb-3fGh…`. */
  readonly shown: string;
  readonly name: string;
  readonly description?: string;
  readonly role: Role;
  readonly userId?: string;
  /** The team it asks for. */
  readonly teamId?: string;
  readonly source?: string;
  /** Public model names; absent: all. */
  readonly models?: readonly string[];
  /** What may be asked with it; absent: everything. */
  readonly routes?: readonly Operation[];
  readonly limits?: RateLimits;
  readonly budgets?: readonly Budget[];
  /** Never to be served by a cloud service. */
  readonly localOnly: boolean;
  /** Believed when it names end users. */
  readonly vouches: boolean;
  /** Refused rather than answered without a knob it turned. */
  readonly strict: boolean;
  /** Where it is declared: `api`, or a place that has one living key at most: `first-admin`, `environment:…`, `file:…`. */
  readonly origin: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly lastUsedAt?: number;
  /** Since when it is of no use; it may be again. */
  readonly blockedAt?: number;
  readonly revokedAt?: number;
}

/** A row of `keys` as the database gives it. */
export interface KeyTableRow extends BoundsColumns {
  readonly id: string;
  readonly hash: string;
  readonly former_hash: string | null;
  readonly former_until: number | null;
  readonly shown: string;
  readonly name: string;
  readonly description: string | null;
  readonly role: string;
  readonly user_id: string | null;
  readonly team_id: string | null;
  readonly source: string | null;
  readonly models: string | null;
  readonly routes: string | null;
  readonly local_only: number;
  readonly vouches: number;
  readonly strict: number;
  readonly origin: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly blocked_at: number | null;
  readonly revoked_at: number | null;
}

export function keyOf(row: KeyTableRow): KeyRow {
  return {
    id: row.id,
    hash: row.hash,
    formerHash: row.former_hash ?? undefined,
    formerUntil: row.former_until ?? undefined,
    shown: row.shown,
    name: row.name,
    description: row.description ?? undefined,
    role: row.role as Role,
    userId: row.user_id ?? undefined,
    teamId: row.team_id ?? undefined,
    source: row.source ?? undefined,
    models: row.models === null ? undefined : (JSON.parse(row.models) as string[]),
    routes: row.routes === null ? undefined : (JSON.parse(row.routes) as Operation[]),
    ...boundsOf(row),
    localOnly: row.local_only === 1,
    vouches: row.vouches === 1,
    strict: row.strict === 1,
    origin: row.origin,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    blockedAt: row.blocked_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}

export function keyColumns(key: KeyRow): KeyTableRow {
  return {
    id: key.id,
    hash: key.hash,
    former_hash: key.formerHash ?? null,
    former_until: key.formerUntil ?? null,
    shown: key.shown,
    name: key.name,
    description: key.description ?? null,
    role: key.role,
    user_id: key.userId ?? null,
    team_id: key.teamId ?? null,
    source: key.source ?? null,
    models: key.models === undefined ? null : JSON.stringify(key.models),
    routes: key.routes === undefined ? null : JSON.stringify(key.routes),
    ...boundsColumns(key),
    local_only: key.localOnly ? 1 : 0,
    vouches: key.vouches ? 1 : 0,
    strict: key.strict ? 1 : 0,
    origin: key.origin,
    created_at: key.createdAt,
    expires_at: key.expiresAt ?? null,
    last_used_at: key.lastUsedAt ?? null,
    blocked_at: key.blockedAt ?? null,
    revoked_at: key.revokedAt ?? null,
  };
}
