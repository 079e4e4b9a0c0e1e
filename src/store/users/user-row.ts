import type { Budget, RateLimits } from "../../vocabulary/bounds.ts";
import type { Role } from "../../vocabulary/caller.ts";
import { type BoundsColumns, boundsColumns, boundsOf } from "../bounds-text.ts";

/** Who is somebody here: no two users have the same issuer and subject. Times are milliseconds since 1970. */
export interface UserRow {
  readonly id: string;
  /** Who says who they are: `local` for users made here. */
  readonly issuer: string;
  /** Who they are, in the issuer's words. */
  readonly subject: string;
  /** In small letters. */
  readonly email?: string;
  readonly name?: string;
  readonly role: Role;
  /** Of the password they log in with, if they have one. */
  readonly passwordHash?: string;
  /** Since when they have that password. */
  readonly passwordAt?: number;
  readonly limits?: RateLimits;
  readonly budgets?: readonly Budget[];
  readonly blockedAt?: number;
  readonly createdAt: number;
  /** When they last asked, to the minute. */
  readonly lastSeenAt?: number;
}

/** A row of `users` as the database gives it. */
export interface UserTableRow extends BoundsColumns {
  readonly id: string;
  readonly issuer: string;
  readonly subject: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly role: string;
  readonly password_hash: string | null;
  readonly password_at: number | null;
  readonly blocked_at: number | null;
  readonly created_at: number;
  readonly last_seen_at: number | null;
}

export function userOf(row: UserTableRow): UserRow {
  return {
    id: row.id,
    issuer: row.issuer,
    subject: row.subject,
    email: row.email ?? undefined,
    name: row.name ?? undefined,
    role: row.role as Role,
    passwordHash: row.password_hash ?? undefined,
    passwordAt: row.password_at ?? undefined,
    ...boundsOf(row),
    blockedAt: row.blocked_at ?? undefined,
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at ?? undefined,
  };
}

export function userColumns(user: UserRow): UserTableRow {
  return {
    id: user.id,
    issuer: user.issuer,
    subject: user.subject,
    email: user.email ?? null,
    name: user.name ?? null,
    role: user.role,
    password_hash: user.passwordHash ?? null,
    password_at: user.passwordAt ?? null,
    ...boundsColumns(user),
    blocked_at: user.blockedAt ?? null,
    created_at: user.createdAt,
    last_seen_at: user.lastSeenAt ?? null,
  };
}
