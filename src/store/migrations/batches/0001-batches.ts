import type { Migration } from "../../migrate.ts";

/**
 * Files in pieces, batches, and the lines of those that are not over. A file without `bytes` is not whole yet. Times are milliseconds since
 * 1970; `holder` goes on with a batch until `held_until`.
 */
export const batches: Migration = {
  id: "0001-batches",
  up: `
    CREATE TABLE files (
      id TEXT PRIMARY KEY NOT NULL,
      owner TEXT NOT NULL,
      purpose TEXT NOT NULL,
      filename TEXT NOT NULL,
      bytes INTEGER,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX files_owner ON files (owner, created_at);
    CREATE INDEX files_expires_at ON files (expires_at);
    CREATE TABLE file_pieces (
      file TEXT NOT NULL REFERENCES files (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      content BLOB NOT NULL,
      PRIMARY KEY (file, position)
    ) STRICT;
    CREATE TABLE batches (
      id TEXT PRIMARY KEY NOT NULL,
      owner TEXT NOT NULL,
      author TEXT NOT NULL,
      endpoint TEXT NOT NULL,
      input_file TEXT NOT NULL,
      completion_window TEXT NOT NULL,
      metadata TEXT,
      output_lifetime INTEGER,
      status TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      in_progress_at INTEGER,
      finalizing_at INTEGER,
      completed_at INTEGER,
      failed_at INTEGER,
      expired_at INTEGER,
      cancelling_at INTEGER,
      cancelled_at INTEGER,
      model TEXT,
      total INTEGER NOT NULL,
      completed INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      input_tokens INTEGER NOT NULL,
      cached_tokens INTEGER NOT NULL,
      output_tokens INTEGER NOT NULL,
      reasoning_tokens INTEGER NOT NULL,
      faults TEXT,
      output_file TEXT,
      error_file TEXT,
      holder TEXT,
      held_until INTEGER NOT NULL,
      kept_until INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX batches_owner ON batches (owner, created_at);
    CREATE INDEX batches_status ON batches (status);
    CREATE TABLE batch_lines (
      batch TEXT NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      custom_id TEXT NOT NULL,
      model TEXT NOT NULL,
      body TEXT NOT NULL,
      state TEXT NOT NULL,
      tries INTEGER NOT NULL,
      request_id TEXT,
      failed INTEGER NOT NULL,
      result TEXT,
      PRIMARY KEY (batch, number)
    ) STRICT;
    CREATE INDEX batch_lines_state ON batch_lines (batch, state, tries, number);
  `,
};
