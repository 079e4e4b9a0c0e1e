import type { Deed } from "../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../gateway/visit/exchange.ts";
import type { AuditStore } from "../store/audit/audit.ts";
import type { AuditRow } from "../store/audit/audit-row.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import { isoTime, queryOf } from "./input.ts";

/** `/admin/audit`: what management has done, the last first. */
export function auditRoutes(audit: Pick<AuditStore, "list">): Route[] {
  return [{ method: "GET", path: "/admin/audit", admits: "admin", handle: (exchange) => list(audit, exchange) }];
}

async function list(audit: Pick<AuditStore, "list">, exchange: Exchange): Promise<Reply> {
  const query = queryOf(exchange);
  const { rows, next = null } = await audit.list({
    ...query.page,
    actor: query.text("actor"),
    action: query.text("action"),
    target: query.text("target"),
    from: query.time("from"),
    to: query.time("to"),
  });
  return jsonReply({ data: rows.map(shown), next });
}

/** Writes deeds down. */
export function auditor(audit: Pick<AuditStore, "append">, clock: Pick<Clock, "now"> = systemClock): (deed: Deed) => Promise<void> {
  return ({ action, caller, change, exchange }) =>
    audit.append({
      at: clock.now(),
      action,
      actorKey: caller.keyId,
      actorName: caller.keyName,
      actorUser: caller.userId,
      role: caller.role,
      targetKind: change?.kind,
      targetId: change?.id,
      before: change?.before,
      after: change?.after,
      requestId: exchange.visit.id,
      address: exchange.address() || undefined,
    });
}

function shown(row: AuditRow) {
  return {
    at: isoTime(row.at),
    action: row.action,
    actor: { key_id: row.actorKey, name: row.actorName, user_id: row.actorUser ?? null, role: row.role },
    target: row.targetKind === undefined ? null : { kind: row.targetKind, id: row.targetId ?? null },
    before: row.before ?? null,
    after: row.after ?? null,
    request_id: row.requestId,
    address: row.address ?? null,
  };
}
