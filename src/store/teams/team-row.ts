import type { Budget, RateLimits } from "../../vocabulary/bounds.ts";
import { type BoundsColumns, boundsColumns, boundsOf } from "../bounds-text.ts";

/** Some users together, and what binds them all. Times are milliseconds since 1970. */
export interface TeamRow {
  readonly id: string;
  /** No two have the same. */
  readonly name: string;
  /** Public model names; absent: all. */
  readonly models?: readonly string[];
  readonly limits?: RateLimits;
  readonly budgets?: readonly Budget[];
  readonly blockedAt?: number;
  readonly createdAt: number;
}

/** A row of `teams` as the database gives it. */
export interface TeamTableRow extends BoundsColumns {
  readonly id: string;
  readonly name: string;
  readonly models: string | null;
  readonly blocked_at: number | null;
  readonly created_at: number;
}

export interface TeamMemberTableRow {
  readonly team_id: string;
  readonly user_id: string;
  readonly added_at: number;
}

export function teamOf(row: TeamTableRow): TeamRow {
  return {
    id: row.id,
    name: row.name,
    models: row.models === null ? undefined : (JSON.parse(row.models) as string[]),
    ...boundsOf(row),
    blockedAt: row.blocked_at ?? undefined,
    createdAt: row.created_at,
  };
}

export function teamColumns(team: TeamRow): TeamTableRow {
  return {
    id: team.id,
    name: team.name,
    models: team.models === undefined ? null : JSON.stringify(team.models),
    ...boundsColumns(team),
    blocked_at: team.blockedAt ?? null,
    created_at: team.createdAt,
  };
}
