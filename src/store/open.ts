import { systemClock } from "../vocabulary/clock.ts";
import type { KeptResponses } from "../vocabulary/kept-response.ts";
import { type AuditStore, createAuditStore } from "./audit/audit.ts";
import { prepareFolder } from "./files.ts";
import { createKeyStore, type KeyStore } from "./keys/keys.ts";
import type { LedgerWriter } from "./keys/ledger-writer.worker.ts";
import type { Reader } from "./requests/reader.worker.ts";
import { createRequestStore, type RequestStore, type RequestStoreParts } from "./requests/requests.ts";
import type { RequestsWriter } from "./requests/requests-writer.worker.ts";
import { createResponseStore } from "./responses/responses.ts";
import type { ResponsesWorker } from "./responses/responses.worker.ts";
import { createTeamStore, type TeamStore } from "./teams/teams.ts";
import { createUserStore, type UserStore } from "./users/users.ts";
import { WorkerLink } from "./workers/worker-link.ts";

export interface Store {
  readonly requests: RequestStore;
  readonly keys: KeyStore;
  readonly users: UserStore;
  readonly teams: TeamStore;
  readonly audit: AuditStore;
  readonly responses: KeptResponses;
  /** Writes everything that still waits, then closes the files and lets another instance in. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** The folder of ledger.db, requests.db and responses.db; made when missing. */
  readonly dataDir: string;
  readonly bounds?: RequestStoreParts["bounds"];
}

/** Workers hold little and live long: a small heap saves some 20 MB of memory for each. */
const SMALL: WorkerOptions = { smol: true };

/**
 * Opens the store: takes the folder, brings its files up to date, and starts a writer worker for keys and one for requests; the reader and the
 * worker of kept responses start when they are first asked.
 * Throws `StoreTrouble` with what to do when another instance is running there or the files cannot be used.
 */
export async function openStore({ dataDir, bounds }: StoreOptions): Promise<Store> {
  const folder = prepareFolder(dataDir, Date.now());
  const ledger = new WorkerLink<LedgerWriter>(new Worker(new URL("./keys/ledger-writer.worker.ts", import.meta.url), SMALL), {
    name: "ledger",
    deadlineMs: 5_000,
  });
  const writer = new WorkerLink<RequestsWriter>(new Worker(new URL("./requests/requests-writer.worker.ts", import.meta.url), SMALL), {
    name: "requests",
    deadlineMs: 30_000,
  });
  // The reader serves management only: it starts with the first question.
  let reader: WorkerLink<Reader> | undefined;
  const startReader = (): WorkerLink<Reader> => {
    const link = new WorkerLink<Reader>(new Worker(new URL("./requests/reader.worker.ts", import.meta.url), SMALL), { name: "reader", deadlineMs: 30_000 });
    link.ask("open", folder.requests).catch(() => undefined);
    return link;
  };
  let responder: WorkerLink<ResponsesWorker> | undefined;
  const startResponder = (): WorkerLink<ResponsesWorker> => {
    const link = new WorkerLink<ResponsesWorker>(new Worker(new URL("./responses/responses.worker.ts", import.meta.url), SMALL), {
      name: "responses",
      deadlineMs: 10_000,
    });
    link.ask("open", folder.responses).catch(() => undefined);
    return link;
  };
  const endAll = () => {
    for (const link of [ledger, writer, reader, responder]) link?.end();
    folder.release();
  };
  try {
    await Promise.all([ledger.ask("open", folder.ledger), writer.ask("open", folder.requests)]);
  } catch (error) {
    endAll();
    throw error;
  }
  const requests = createRequestStore({ writer, reader: () => (reader ??= startReader()), bounds });
  const keys = createKeyStore(ledger);
  const responses = createResponseStore({ worker: () => (responder ??= startResponder()), clock: systemClock });
  let closing: Promise<void> | undefined;
  return {
    requests,
    keys,
    users: createUserStore(ledger),
    teams: createTeamStore(ledger),
    audit: createAuditStore(ledger),
    responses,
    close() {
      closing ??= (async () => {
        await Promise.all([requests.flush(), keys.flush()]);
        // The reader goes first: the last connection to leave folds the WAL into its file, and a reading one may not.
        await reader?.ask("close", undefined).catch(() => undefined);
        await responder?.ask("close", undefined).catch(() => undefined);
        await Promise.all([writer.ask("close", undefined), ledger.ask("close", undefined)]).catch(() => undefined);
        endAll();
      })();
      return closing;
    },
  };
}
