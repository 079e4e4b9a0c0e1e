import type { Migration } from "../../migrate.ts";

/** What management has done. Rows are only ever added. */
export const audit: Migration = {
  id: "0005-audit",
  up: `
    CREATE TABLE audit (
      n INTEGER PRIMARY KEY,
      at INTEGER NOT NULL,
      action TEXT NOT NULL,
      actor_key TEXT NOT NULL,
      actor_name TEXT NOT NULL,
      actor_user TEXT,
      role TEXT NOT NULL,
      target_kind TEXT,
      target_id TEXT,
      before TEXT,
      after TEXT,
      request_id TEXT NOT NULL,
      address TEXT
    ) STRICT;
    CREATE INDEX audit_at ON audit (at);
    CREATE INDEX audit_actor ON audit (actor_key);
    CREATE INDEX audit_target ON audit (target_id);
  `,
};
