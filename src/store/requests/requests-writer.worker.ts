import type { Database, Statement } from "bun:sqlite";
import { openForWriting } from "../files.ts";
import { answerQuestions, opened } from "../workers/worker-side.ts";
import { REQUEST_COLUMNS, rowsOf } from "./request-row.ts";

let database: Database | undefined;
let insertOne: Statement | undefined;
const decoder = new TextDecoder();

const methods = {
  open(path: string): void {
    database = openForWriting(path, "relaxed");
    const places = REQUEST_COLUMNS.map(() => "?").join(",");
    insertOne = database.prepare(`INSERT INTO requests (${REQUEST_COLUMNS.join(",")}) VALUES (${places})`);
  },

  /** Inserts a batch, records as text, in one transaction; says how many rows were written. A row the table refuses is left out, not the batch. */
  insert(batch: Uint8Array): number {
    const target = opened(database);
    const insert = opened(insertOne);
    let written = 0;
    target.run("BEGIN IMMEDIATE");
    try {
      for (const row of rowsOf(decoder.decode(batch))) {
        try {
          insert.run(...row);
          written++;
        } catch (error) {
          if (!isConstraint(error)) throw error;
        }
      }
      target.run("COMMIT");
    } catch (error) {
      if (target.inTransaction) target.run("ROLLBACK");
      throw error;
    }
    return written;
  },

  close(): void {
    insertOne?.finalize();
    database?.close();
  },
};

export type RequestsWriter = typeof methods;

function isConstraint(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^SQLITE_(CONSTRAINT|MISMATCH)/.test(String(error.code));
}

answerQuestions(methods);
