import type { LedgerWriter } from "../keys/ledger-writer.worker.ts";
import type { Page } from "../pages.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import { type AuditListing, auditCursor } from "./audit-queries.ts";
import type { AuditRow } from "./audit-row.ts";

/** What management has done, in the ledger; rows are only ever added. Every promise rejects with `StoreTrouble` when the ledger does not answer in time. */
export interface AuditStore {
  /** On the disk when it settles. */
  append(row: AuditRow): Promise<void>;
  /** The last that was done first. Throws `invalid-request` for a cursor that is none of ours. */
  list(listing: AuditListing): Promise<Page<AuditRow>>;
}

export function createAuditStore(writer: Pick<WorkerLink<LedgerWriter>, "ask">): AuditStore {
  return {
    append: (row) => writer.ask("appendAudit", row),
    async list(listing) {
      if (listing.before !== undefined) auditCursor(listing.before);
      return writer.ask("listAudit", listing);
    },
  };
}
