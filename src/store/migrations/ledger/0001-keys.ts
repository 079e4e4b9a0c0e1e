import type { Migration } from "../../migrate.ts";

/** Keys. Only a hash of a key is kept; times are milliseconds since 1970, UTC. A key's origin, where it is declared, has one living key at most. */
export const keys: Migration = {
  id: "0001-keys",
  up: `
    CREATE TABLE keys (
      id TEXT PRIMARY KEY NOT NULL,
      hash TEXT NOT NULL UNIQUE,
      shown TEXT NOT NULL,
      name TEXT NOT NULL,
      user_id TEXT,
      source TEXT,
      models TEXT,
      admin INTEGER NOT NULL,
      origin TEXT NOT NULL,
      created_at INTEGER NOT NULL,
      expires_at INTEGER,
      last_used_at INTEGER,
      revoked_at INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX keys_declared ON keys (origin) WHERE origin <> 'api' AND revoked_at IS NULL;
  `,
};
