import { randomBytes } from "node:crypto";
import { type Author, BATCH_ENDPOINTS, type Batch, type BatchEndpoint, type BatchListing, type BatchShelf } from "../vocabulary/batch.ts";
import type { Clock } from "../vocabulary/clock.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import type { JsonObject } from "../vocabulary/json.ts";
import type { FileBook } from "../vocabulary/stored-file.ts";
import { answered } from "./answered.ts";
import type { BatchSettings } from "./parts.ts";
import type { BatchRunner } from "./runner.ts";
import { shownWindow, windowOf } from "./window.ts";

/** A batch as its client wants it. */
export interface BatchWish {
  readonly owner: string;
  readonly author: Author;
  readonly inputFile: string;
  readonly endpoint: string;
  readonly window: string | undefined;
  readonly metadata: JsonObject | undefined;
  /** Milliseconds. */
  readonly outputLifetime: number | undefined;
}

/** What those ask who make batches. `not-found` is thrown for what is not there, or another's; every promise rejects with `overloaded` while nobody can say. */
export interface BatchDesk {
  /** Throws `invalid-request` for what no batch can be. Its file is looked at afterwards. */
  create(wish: BatchWish): Promise<Batch>;
  find(id: string, owner: string): Promise<Batch>;
  list(listing: BatchListing): ReturnType<BatchShelf["list"]>;
  /** Nothing of it is asked from now on; what is being asked is answered. Throws `invalid-request` for one that is over. */
  cancel(id: string, owner: string): Promise<Batch>;
}

interface DeskParts {
  readonly shelf: BatchShelf;
  readonly files: FileBook;
  readonly runner: Pick<BatchRunner, "nudge">;
  readonly settings: () => BatchSettings;
  readonly clock: Pick<Clock, "now">;
}

export function createBatchDesk({ shelf, files, runner, settings, clock }: DeskParts): BatchDesk {
  return {
    async create(wish) {
      const { owner, author, metadata, outputLifetime, inputFile } = wish;
      const endpoint = endpointOf(wish.endpoint);
      const window = wish.window ?? shownWindow(settings().window);
      const lasts = windowOf(window);
      if (lasts === undefined) throw invalidRequest("completion_window", "completion_window must be hours or days, such as 24h or 3d, and two weeks at most.");
      const input = await answered(files.find({ id: inputFile, owner }));
      if (input === undefined) throw invalidRequest("input_file_id", `There is no file ${JSON.stringify(inputFile)} of this key's or its user's.`);
      if (input.purpose !== "batch") throw invalidRequest("input_file_id", `The file was uploaded with the purpose ${input.purpose}, not batch.`);
      const now = clock.now();
      const batch: Batch = {
        id: `batch_${randomBytes(12).toString("hex")}`,
        ...{ owner, author, endpoint, inputFile, window, metadata, outputLifetime },
        status: "validating",
        createdAt: now,
        expiresAt: now + lasts,
        keptUntil: now + lasts + settings().keep,
        times: {},
        counts: { total: 0, completed: 0, failed: 0 },
        tokens: { input: 0, cached: 0, output: 0, reasoning: 0 },
      };
      await answered(shelf.insert(batch));
      runner.nudge();
      return batch;
    },
    find: async (id, owner) => (await answered(shelf.find(id, owner))) ?? unknown(id),
    list: (listing) => answered(shelf.list(listing)),
    async cancel(id, owner) {
      const batch = (await answered(shelf.cancel({ id, owner, at: clock.now() }))) ?? unknown(id);
      if (batch.status !== "cancelling" && batch.status !== "cancelled")
        throw invalidRequest("", `This batch is ${batch.status}: there is nothing left of it to cancel.`);
      runner.nudge();
      return batch;
    },
  };
}

function endpointOf(wanted: string): BatchEndpoint {
  const endpoint = BATCH_ENDPOINTS.find((each) => each === wanted);
  if (endpoint === undefined) throw invalidRequest("endpoint", `endpoint must be one of ${BATCH_ENDPOINTS.join(", ")}.`);
  return endpoint;
}

function unknown(id: string): never {
  throw new Failure("not-found", `There is no batch ${JSON.stringify(id)} of this key's or its user's.`);
}
