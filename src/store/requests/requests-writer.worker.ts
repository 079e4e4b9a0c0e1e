import type { Place, PostgresPlace } from "../database/place.ts";
import { StoreTrouble } from "../trouble.ts";
import { answerQuestions, inTurn, opened, tellTrouble } from "../workers/worker-side.ts";
import type { Correction } from "./corrections.ts";
import type { RequestTables } from "./request-queries.ts";
import { type Cell, rowsOf } from "./request-row.ts";
import { openJournal, type RowJournal } from "./row-journal.ts";
import type { RowSink } from "./row-sink.ts";
import { sqliteSink } from "./sqlite-sink.ts";

/** What became of rows: those neither written nor waiting in the journal are given up. */
export interface Fate {
  readonly written: number;
  /** Of these, now waiting in the journal. */
  readonly journaled: number;
}

let sink: RowSink | undefined;
/** Beside PostgreSQL only: a file does not go away. */
let journal: RowJournal | undefined;
const decoder = new TextDecoder();
/** One batch after the other, or a batch could be answered before those that went ahead of it. */
const next = inTurn();

/** What only PostgreSQL needs is 15 MiB: a thread that writes to a file does without. */
async function openPostgresSink(place: PostgresPlace): Promise<RowSink> {
  const [{ openDatabase }, { postgresSink }] = await Promise.all([import("../database/open-database.ts"), import("./postgres-sink.ts")]);
  return postgresSink(await openDatabase<RequestTables>(place, { access: "relaxed", told: tellTrouble }));
}

const methods = {
  /** Opens the database, and the journal for rows that find it away; says how many wait in it from before. */
  open: (places: { readonly place: Place; readonly journal?: string }): Promise<number> =>
    next(async () => {
      const { place } = places;
      if (places.journal !== undefined) journal = openJournal(places.journal);
      sink = place.kind === "sqlite" ? sqliteSink(place.path) : await openPostgresSink(place);
      return journal?.rows ?? 0;
    }),

  /** Inserts a batch, records as text, or puts it in the journal. A row the table refuses is left out, not the batch. */
  insert: (batch: Uint8Array): Promise<Fate> =>
    next(async () => {
      const rows = [...rowsOf(decoder.decode(batch))];
      try {
        return { written: await opened(sink).insert(rows), journaled: 0 };
      } catch (error) {
        if (journal === undefined) throw error;
        if (!journal.append(batch, rows.length)) throw new StoreTrouble(`The journal is full: ${journal.rows} rows wait in it for the database.`, error);
        return { written: 0, journaled: rows.length };
      }
    }),

  /** Puts some of the journal's rows where they belong: how many were taken from it, and how many of them were written. Rejects while it cannot. */
  replay: (_: null): Promise<{ readonly taken: number; readonly written: number }> =>
    next(async () => {
      const waiting = journal?.next();
      if (waiting === undefined) return { taken: 0, written: 0 };
      const rows = readable(waiting.text);
      // Whether a batch whose answer was lost was written nobody knows, nor how far an earlier replay came.
      const written = await opened(sink).insert(rows, { again: true });
      const taken = waiting.rows;
      waiting.done();
      return { taken, written };
    }),

  /** Corrects rows that are there; how many were. */
  correct: (corrections: readonly Correction[]): Promise<number> => next(() => opened(sink).correct(corrections)),

  close: (): Promise<void> =>
    next(async () => {
      journal?.close();
      await sink?.close();
    }),
};

export type RequestsWriter = typeof methods;

/** What a broken disk made unreadable must not keep the rest waiting for ever. */
function readable(text: string): Cell[][] {
  try {
    return [...rowsOf(text)];
  } catch {
    return [];
  }
}

answerQuestions(methods);
