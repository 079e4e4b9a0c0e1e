import { systemClock } from "../vocabulary/clock.ts";
import type { FleetDesk } from "../vocabulary/fleet-role.ts";
import type { KeptResponses } from "../vocabulary/kept-response.ts";
import { type AuditStore, createAuditStore } from "./audit/audit.ts";
import { type BatchStore, createBatchStore } from "./batches/batches.ts";
import { takeFolder } from "./data-folder.ts";
import { createFleetDesk } from "./fleet/fleet-desk.ts";
import { createKeyStore, type KeyStore } from "./keys/keys.ts";
import { type MoneyDesk, moneyOver } from "./ledger/money-desk.ts";
import { type DatabaseAddress, placesAt, placesIn } from "./places.ts";
import { reach } from "./reach.ts";
import { createRequestStore, type RequestStore, type RequestStoreParts } from "./requests/requests.ts";
import { createResponseStore } from "./responses/responses.ts";
import { createTeamStore, type TeamStore } from "./teams/teams.ts";
import { createUserStore, type UserStore } from "./users/users.ts";
import { startWorkers } from "./workers/workers.ts";

export interface Store {
  readonly requests: RequestStore;
  readonly keys: KeyStore;
  readonly users: UserStore;
  readonly teams: TeamStore;
  readonly audit: AuditStore;
  readonly responses: KeptResponses;
  readonly batches: BatchStore;
  readonly money: MoneyDesk;
  readonly fleet: FleetDesk;
  /**
   * Settles once the database has been reached and is up to date: at once with files, with PostgreSQL perhaps much later. What is asked until
   * then rejects with `StoreTrouble`.
   */
  readonly ready: Promise<void>;
  /** Has it been? */
  isReady(): boolean;
  /** Why the database cannot be used now; `undefined` while all is well. */
  trouble(): string | undefined;
  /** Writes everything that still waits, then closes the database and lets another instance in. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The folder of what is this gateway's alone; made when missing. Without `database` the databases lie there too. */
  readonly dataDir: string;
  /** PostgreSQL, in the place of files. */
  readonly database?: DatabaseAddress;
  readonly bounds?: RequestStoreParts["bounds"];
}

/**
 * Opens the store: takes the folder, brings the databases up to date, and starts a worker for keys and one that writes requests; the reader and the
 * workers of kept responses and of batches start when they are first asked. A PostgreSQL that is away is not waited for: `ready` tells.
 * Throws `StoreTrouble` with what to do when another instance is running there, or the databases cannot be used and waiting would not help.
 */
export async function openStore({ dataDir, database, bounds }: StoreOptions): Promise<Store> {
  const release = takeFolder(dataDir);
  try {
    const places = database === undefined ? placesIn(dataDir, Date.now()) : placesAt(database, dataDir);
    const workers = startWorkers(places);
    try {
      const [reached, journaled] = await Promise.all([reach(places.remote?.place), workers.open()]);
      const requests = createRequestStore({ writer: workers.writer, reader: workers.reader, journaled, bounds });
      const keys = createKeyStore(workers.ledger);
      const users = createUserStore(workers.ledger);
      const close = async () => {
        reached.giveUp();
        await Promise.all([requests.close(), keys.flush(), users.flush()]);
        await workers.close();
        release();
      };
      let closing: Promise<void> | undefined;
      return {
        requests,
        keys,
        users,
        teams: createTeamStore(workers.ledger),
        audit: createAuditStore(workers.ledger),
        fleet: createFleetDesk(workers.ledger),
        money: moneyOver(workers.ledger, workers.audit),
        responses: createResponseStore({ worker: workers.responder, clock: systemClock }),
        batches: createBatchStore({ worker: workers.batcher, anyLeft: workers.anyBatchLeft, clock: systemClock }),
        ready: reached.ready,
        isReady: reached.isReady,
        trouble: () => reached.trouble() ?? workers.trouble(),
        close: () => (closing ??= close()),
      };
    } catch (error) {
      workers.end();
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}
