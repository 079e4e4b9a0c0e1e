import type { BatchesWorker } from "../batches/batches.worker.ts";
import type { LedgerWriter } from "../keys/ledger-writer.worker.ts";
import type { Auditor } from "../ledger/auditor.worker.ts";
import type { BooksReport } from "../ledger/check.ts";
import { AUDIT_WITHIN, type Places } from "../places.ts";
import type { Reader } from "../requests/reader.worker.ts";
import type { RequestsWriter } from "../requests/requests-writer.worker.ts";
import type { ResponsesWorker } from "../responses/responses.worker.ts";
import { WorkerLink } from "./worker-link.ts";

/** The workers of the store, each with its own connection to its database. */
export interface Workers {
  readonly ledger: WorkerLink<LedgerWriter>;
  readonly writer: WorkerLink<RequestsWriter>;
  /** Serves management only. */
  reader(): WorkerLink<Reader>;
  responder(): WorkerLink<ResponsesWorker>;
  batcher(): WorkerLink<BatchesWorker>;
  /** Is there a batch that is not over? Where nobody has asked of batches yet, a worker looks that ends with it: most gateways have none. */
  anyBatchLeft(): Promise<boolean>;
  /** Adds up the books, in a worker that ends with it. */
  audit(): Promise<BooksReport>;
  /** Opens what is needed from the start; how many rows wait in the journal. */
  open(): Promise<number>;
  /** Why the database of those that are needed always cannot be used now. */
  trouble(): string | undefined;
  /** Closes the databases, and ends. */
  close(): Promise<void>;
  /** Ends at once. */
  end(): void;
}

/** Workers hold little and live long: a small heap saves some 20 MB of memory for each. */
const SMALL: WorkerOptions = { smol: true };

/** Starts the workers that are always needed; the others start when they are first asked for. */
export function startWorkers(places: Places): Workers {
  // Longer than the database's own deadlines: whoever hears of trouble shall hear of the right one.
  const slack = places.remote === undefined ? 0 : 3 * places.remote.place.deadline;
  const ledger = new WorkerLink<LedgerWriter>(new Worker(new URL("../keys/ledger-writer.worker.ts", import.meta.url), SMALL), {
    name: "ledger",
    deadlineMs: 5_000 + slack,
  });
  const writer = new WorkerLink<RequestsWriter>(new Worker(new URL("../requests/requests-writer.worker.ts", import.meta.url), SMALL), {
    name: "requests",
    deadlineMs: 30_000 + slack,
  });
  const auditors = new Set<WorkerLink<Auditor>>();
  const lookers = new Set<WorkerLink<BatchesWorker>>();
  let reader: WorkerLink<Reader> | undefined;
  const startReader = (): WorkerLink<Reader> => {
    const worker = new Worker(new URL("../requests/reader.worker.ts", import.meta.url), SMALL);
    const link = new WorkerLink<Reader>(worker, { name: "reader", deadlineMs: 30_000 + slack });
    link.ask("open", places.reading).catch(() => undefined);
    return link;
  };
  let responder: WorkerLink<ResponsesWorker> | undefined;
  const startResponder = (): WorkerLink<ResponsesWorker> => {
    const worker = new Worker(new URL("../responses/responses.worker.ts", import.meta.url), SMALL);
    const link = new WorkerLink<ResponsesWorker>(worker, { name: "responses", deadlineMs: 10_000 + slack });
    link.ask("open", places.responses).catch(() => undefined);
    return link;
  };
  let batcher: WorkerLink<BatchesWorker> | undefined;
  const startBatcher = (): WorkerLink<BatchesWorker> => {
    const worker = new Worker(new URL("../batches/batches.worker.ts", import.meta.url), SMALL);
    const link = new WorkerLink<BatchesWorker>(worker, { name: "batches", deadlineMs: 30_000 + slack });
    link.ask("open", places.batches).catch(() => undefined);
    return link;
  };
  const anyBatchLeft = async (): Promise<boolean> => {
    if (batcher !== undefined) return batcher.ask("anyLeft", null);
    const looker = startBatcher();
    lookers.add(looker);
    try {
      return await looker.ask("anyLeft", null);
    } finally {
      await looker.ask("close", undefined).catch(() => undefined);
      lookers.delete(looker);
      looker.end();
    }
  };
  const audit = async (): Promise<BooksReport> => {
    const worker = new Worker(new URL("../ledger/auditor.worker.ts", import.meta.url), SMALL);
    const auditor = new WorkerLink<Auditor>(worker, { name: "auditor", deadlineMs: AUDIT_WITHIN });
    auditors.add(auditor);
    try {
      return await auditor.ask("check", places.books);
    } finally {
      auditors.delete(auditor);
      auditor.end();
    }
  };
  const end = () => {
    for (const link of [ledger, writer, reader, responder, batcher, ...auditors, ...lookers]) link?.end();
  };
  return {
    ledger,
    writer,
    reader: () => (reader ??= startReader()),
    audit,
    responder: () => (responder ??= startResponder()),
    batcher: () => (batcher ??= startBatcher()),
    anyBatchLeft,
    async open() {
      const [, journaled] = await Promise.all([
        ledger.ask("open", places.ledger),
        writer.ask("open", { place: places.requests, journal: places.remote?.journal }),
      ]);
      return journaled;
    },
    trouble: () => ledger.trouble ?? writer.trouble,
    async close() {
      // The reader goes first: the last connection to leave folds a file's WAL into it, and a reading one may not.
      await reader?.ask("close", undefined).catch(() => undefined);
      await responder?.ask("close", undefined).catch(() => undefined);
      await batcher?.ask("close", undefined).catch(() => undefined);
      await Promise.all([writer.ask("close", undefined), ledger.ask("close", undefined)]).catch(() => undefined);
      end();
    },
    end,
  };
}
