import type { Role } from "../../vocabulary/caller.ts";
import { type JsonObject, objectOf, parseJson } from "../../vocabulary/json.ts";

/** Something that management has done, as it is kept. */
export interface AuditRow {
  /** When it was done. Milliseconds since 1970. */
  readonly at: number;
  /** `key.create`, `config.reload`. */
  readonly action: string;
  /** Who did it: the key, what it was called then, and its user. */
  readonly actorKey: string;
  readonly actorName: string;
  readonly actorUser?: string;
  readonly role: Role;
  /** What it was done to: `key`, `user`, `team`, `config`. */
  readonly targetKind?: string;
  readonly targetId?: string;
  /** What has changed of it, in management's own words; never a secret. */
  readonly before?: JsonObject;
  readonly after?: JsonObject;
  readonly requestId: string;
  /** Whence; absent for the command line. */
  readonly address?: string;
}

/** A row of `audit` as the database gives it, without its number. */
export interface AuditTableRow {
  readonly at: number;
  readonly action: string;
  readonly actor_key: string;
  readonly actor_name: string;
  readonly actor_user: string | null;
  readonly role: string;
  readonly target_kind: string | null;
  readonly target_id: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly request_id: string;
  readonly address: string | null;
}

export function auditOf(row: AuditTableRow): AuditRow {
  return {
    at: row.at,
    action: row.action,
    actorKey: row.actor_key,
    actorName: row.actor_name,
    actorUser: row.actor_user ?? undefined,
    role: row.role as Role,
    targetKind: row.target_kind ?? undefined,
    targetId: row.target_id ?? undefined,
    before: row.before === null ? undefined : objectOf(parseJson(row.before)),
    after: row.after === null ? undefined : objectOf(parseJson(row.after)),
    requestId: row.request_id,
    address: row.address ?? undefined,
  };
}

export function auditColumns(row: AuditRow): AuditTableRow {
  return {
    at: row.at,
    action: row.action,
    actor_key: row.actorKey,
    actor_name: row.actorName,
    actor_user: row.actorUser ?? null,
    role: row.role,
    target_kind: row.targetKind ?? null,
    target_id: row.targetId ?? null,
    before: row.before === undefined ? null : JSON.stringify(row.before),
    after: row.after === undefined ? null : JSON.stringify(row.after),
    request_id: row.requestId,
    address: row.address ?? null,
  };
}
