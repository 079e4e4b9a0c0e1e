/** A key as it is kept: never the key itself. Times are milliseconds since 1970. */
export interface KeyRow {
  readonly id: string;
  /** SHA-256 of the key, hex. */
  readonly hash: string;
  /** Enough of the key to recognise it by: `sb-3fGh…`. */
  readonly shown: string;
  readonly name: string;
  readonly userId?: string;
  readonly source?: string;
  /** Public model names; absent: all. */
  readonly models?: readonly string[];
  readonly admin: boolean;
  /** Believed when it names end users. */
  readonly vouches: boolean;
  /** Refused rather than answered without a knob it turned. */
  readonly strict: boolean;
  /** Where it is declared: `api`, or a place that has one living key at most: `first-admin`, `environment:…`, `file:…`. */
  readonly origin: string;
  readonly createdAt: number;
  readonly expiresAt?: number;
  readonly lastUsedAt?: number;
  readonly revokedAt?: number;
}

/** A row of `keys` as the database gives it. */
export interface KeyTableRow {
  readonly id: string;
  readonly hash: string;
  readonly shown: string;
  readonly name: string;
  readonly user_id: string | null;
  readonly source: string | null;
  readonly models: string | null;
  readonly admin: number;
  readonly vouches: number;
  readonly strict: number;
  readonly origin: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at: number | null;
  readonly revoked_at: number | null;
}

export function keyOf(row: KeyTableRow): KeyRow {
  return {
    id: row.id,
    hash: row.hash,
    shown: row.shown,
    name: row.name,
    userId: row.user_id ?? undefined,
    source: row.source ?? undefined,
    models: row.models === null ? undefined : (JSON.parse(row.models) as string[]),
    admin: row.admin === 1,
    vouches: row.vouches === 1,
    strict: row.strict === 1,
    origin: row.origin,
    createdAt: row.created_at,
    expiresAt: row.expires_at ?? undefined,
    lastUsedAt: row.last_used_at ?? undefined,
    revokedAt: row.revoked_at ?? undefined,
  };
}

export function rowOf(key: KeyRow): KeyTableRow {
  return {
    id: key.id,
    hash: key.hash,
    shown: key.shown,
    name: key.name,
    user_id: key.userId ?? null,
    source: key.source ?? null,
    models: key.models === undefined ? null : JSON.stringify(key.models),
    admin: key.admin ? 1 : 0,
    vouches: key.vouches ? 1 : 0,
    strict: key.strict ? 1 : 0,
    origin: key.origin,
    created_at: key.createdAt,
    expires_at: key.expiresAt ?? null,
    last_used_at: key.lastUsedAt ?? null,
    revoked_at: key.revokedAt ?? null,
  };
}
