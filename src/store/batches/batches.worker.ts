import { type OpenDatabase, openDatabase } from "../database/open-database.ts";
import type { Place } from "../database/place.ts";
import { answerQuestions, inTurn, opened, tellTrouble } from "../workers/worker-side.ts";
import * as batches from "./batch-queries.ts";
import * as files from "./file-queries.ts";
import * as holding from "./holding-queries.ts";
import * as lines from "./line-queries.ts";
import type { BatchTables } from "./tables.ts";

let store: OpenDatabase<BatchTables> | undefined;

/** Answered in order: whoever asks for what was written just before will find it. */
const next = inTurn();

type Query<Argument, Result> = (database: OpenDatabase<BatchTables>["kysely"], argument: Argument) => Promise<Result>;

const asked =
  <Argument, Result>(query: Query<Argument, Result>) =>
  (argument: Argument): Promise<Result> =>
    next(() => query(opened(store).kysely, argument));

const methods = {
  open: (place: Place): Promise<void> =>
    next(async () => {
      store = await openDatabase<BatchTables>(place, { access: "strict", told: tellTrouble });
    }),

  beginFile: asked(files.beginFile),
  appendBytes: asked(files.appendBytes),
  completeFile: asked(files.completeFile),
  findFile: asked(files.findFile),
  listFiles: asked(files.listFiles),
  readFile: asked(files.readFile),
  removeFile: asked(files.removeFile),

  insert: asked(batches.insertBatch),
  find: asked(batches.findBatch),
  list: asked(batches.listBatches),
  anyones: asked(batches.listAnyones),
  cancel: asked(batches.cancelBatch),
  removeExpired: asked(async (database, now: number) => {
    await batches.removeExpiredBatches(database, now);
    await files.removeExpiredFiles(database, now);
  }),

  anyLeft: asked((database, _: null) => holding.anyLeft(database)),
  take: asked(holding.takeBatches),
  renew: asked(holding.renewHeld),
  release: asked(holding.releaseHeld),
  accept: asked(holding.acceptBatch),
  refuse: asked(holding.refuseBatch),
  finalize: asked(holding.finalizeBatch),
  conclude: asked(holding.concludeBatch),

  beginLines: asked(lines.beginLines),
  addLines: asked(lines.addLines),
  models: asked(lines.modelsOf),
  claim: asked(lines.claimLine),
  putBack: asked(lines.putBackLine),
  record: asked(lines.recordResults),
  lines: asked(lines.listLines),
  results: asked(lines.listResults),

  close: (): Promise<void> => next(async () => store?.close()),
};

export type BatchesWorker = typeof methods;

answerQuestions(methods);
