import type { Migration } from "../../migrate.ts";

/** Answers kept for clients that asked for it, each with the new part of its input, and where their items are. Times are milliseconds since 1970. */
export const responses: Migration = {
  id: "0001-responses",
  up: `
    CREATE TABLE responses (
      id TEXT PRIMARY KEY NOT NULL,
      owner TEXT NOT NULL,
      previous TEXT,
      created_at INTEGER NOT NULL,
      expires_at INTEGER NOT NULL,
      deployment TEXT,
      input TEXT NOT NULL,
      body TEXT NOT NULL
    ) STRICT;
    CREATE INDEX responses_expires_at ON responses (expires_at);
    CREATE TABLE response_items (
      id TEXT NOT NULL,
      response TEXT NOT NULL REFERENCES responses (id) ON DELETE CASCADE,
      PRIMARY KEY (id, response)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX response_items_response ON response_items (response);
  `,
};
