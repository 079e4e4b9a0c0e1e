import type { Migration } from "../../migrate.ts";

/** One row per request, numbered in the order they ended. */
export const requests: Migration = {
  id: "0001-requests",
  up: `
    CREATE TABLE requests (
      id TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      operation TEXT NOT NULL,
      dialect TEXT NOT NULL,
      model TEXT NOT NULL,
      deployment TEXT,
      key_id TEXT,
      user_id TEXT,
      source TEXT,
      stream INTEGER NOT NULL,
      status INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      failure TEXT,
      message TEXT,
      first_token_ms REAL,
      total_ms REAL NOT NULL,
      evidence TEXT,
      input INTEGER,
      cache_read INTEGER,
      cache_write_5m INTEGER,
      cache_write_1h INTEGER,
      output INTEGER,
      reasoning INTEGER,
      audio_input INTEGER,
      audio_output INTEGER,
      image_input INTEGER,
      trace TEXT NOT NULL,
      n INTEGER PRIMARY KEY
    ) STRICT;
    CREATE INDEX requests_id ON requests (id);
    CREATE INDEX requests_started_at ON requests (started_at);
  `,
};
