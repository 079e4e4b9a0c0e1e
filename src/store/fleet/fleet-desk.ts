import type { FleetDesk } from "../../vocabulary/fleet-role.ts";
import type { LedgerWriter } from "../keys/ledger-writer.worker.ts";
import type { WorkerLink } from "../workers/worker-link.ts";

/** The fleet's part of the ledger. */
export function createFleetDesk(writer: Pick<WorkerLink<LedgerWriter>, "ask">): FleetDesk {
  return {
    role: () => writer.ask("fleetRole", null),
    take: (role) => writer.ask("takeFleetRole", role),
    leave: (holder) => writer.ask("leaveFleetRole", holder),
    remembered: () => writer.ask("fleetMemory", null),
    remember: (value) => writer.ask("keepFleetMemory", value),
  };
}
