import type { Generated } from "kysely";
import type { AuditTableRow } from "./audit/audit-row.ts";
import type { FleetMemoryTableRow, FleetRoleTableRow } from "./fleet/fleet-queries.ts";
import type { KeyTableRow } from "./keys/key-row.ts";
import type { TeamMemberTableRow, TeamTableRow } from "./teams/team-row.ts";
import type { UserTableRow } from "./users/user-row.ts";

/** The tables of the ledger. */
export interface LedgerTables {
  readonly keys: KeyTableRow;
  readonly users: UserTableRow;
  readonly teams: TeamTableRow;
  readonly team_members: TeamMemberTableRow;
  readonly fleet_role: FleetRoleTableRow;
  readonly fleet_memory: FleetMemoryTableRow;
  readonly audit: AuditTableRow & { readonly n: Generated<number> };
}
