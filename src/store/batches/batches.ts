import type { Batch, BatchShelf, BatchWork } from "../../vocabulary/batch.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import type { FileBook } from "../../vocabulary/stored-file.ts";
import { type Page, positionOf } from "../pages.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import type { AnyonesListing } from "./batch-queries.ts";
import type { BatchesWorker } from "./batches.worker.ts";

/** Files and batches. Promises reject with `StoreTrouble` when they do not answer in time. */
export interface BatchStore extends BatchShelf, BatchWork {
  readonly files: FileBook;
  /** Everybody's, newest first. Throws `invalid-request` for a cursor that is none of ours. */
  anyones(listing: AnyonesListing): Promise<Page<Batch>>;
}

export interface BatchStoreParts {
  /** Started with the first question. */
  readonly worker: () => Pick<WorkerLink<BatchesWorker>, "ask">;
  readonly anyLeft: () => Promise<boolean>;
  readonly clock: Pick<Clock, "now">;
}

export function createBatchStore({ worker, anyLeft, clock }: BatchStoreParts): BatchStore {
  const files: FileBook = {
    begin: (file) => worker().ask("beginFile", file),
    append: (addition) => worker().ask("appendBytes", addition),
    complete: (id, bytes) => worker().ask("completeFile", { id, bytes }),
    find: (name) => worker().ask("findFile", { ...name, now: clock.now() }),
    async list(listing) {
      const found = await worker().ask("listFiles", { ...listing, now: clock.now() });
      return { files: found.slice(0, listing.limit), more: found.length > listing.limit };
    },
    read: (id, at) => worker().ask("readFile", { id, at }),
    remove: (name) => worker().ask("removeFile", { ...name, now: clock.now() }),
  };
  return {
    files,
    insert: (batch) => worker().ask("insert", batch),
    find: (id, owner) => worker().ask("find", { id, owner }),
    async list(listing) {
      const found = await worker().ask("list", listing);
      return { batches: found.slice(0, listing.limit), more: found.length > listing.limit };
    },
    async anyones(listing) {
      if (listing.before !== undefined) positionOf(listing.before);
      return worker().ask("anyones", listing);
    },
    cancel: (wish) => worker().ask("cancel", wish),
    removeExpired: (now) => worker().ask("removeExpired", now),
    anyLeft,
    take: (taking) => worker().ask("take", taking),
    renew: (held) => worker().ask("renew", held),
    release: (holder) => worker().ask("release", holder),
    beginLines: (holding) => worker().ask("beginLines", holding),
    addLines: (lines) => worker().ask("addLines", lines),
    accept: (accepted) => worker().ask("accept", accepted),
    refuse: (refused) => worker().ask("refuse", refused),
    models: (batch) => worker().ask("models", batch),
    claim: (wanted) => worker().ask("claim", wanted),
    putBack: (line) => worker().ask("putBack", line),
    record: (over) => worker().ask("record", over),
    lines: (listing) => worker().ask("lines", listing),
    finalize: (holding) => worker().ask("finalize", holding),
    results: (listing) => worker().ask("results", listing),
    conclude: (conclusion) => worker().ask("conclude", conclusion),
  };
}
