import type { Migration } from "../../migrate.ts";

/** A role in the place of a switch; for whom a key asks and what for; its former value while it may still be used. */
export const keyRights: Migration = {
  id: "0004-key-rights",
  up: `
    ALTER TABLE keys ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
    UPDATE keys SET role = 'admin' WHERE admin = 1;
    ALTER TABLE keys DROP COLUMN admin;
    ALTER TABLE keys ADD COLUMN description TEXT;
    ALTER TABLE keys ADD COLUMN team_id TEXT;
    ALTER TABLE keys ADD COLUMN routes TEXT;
    ALTER TABLE keys ADD COLUMN limits TEXT;
    ALTER TABLE keys ADD COLUMN budgets TEXT;
    ALTER TABLE keys ADD COLUMN local_only INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE keys ADD COLUMN blocked_at INTEGER;
    ALTER TABLE keys ADD COLUMN former_hash TEXT;
    ALTER TABLE keys ADD COLUMN former_until INTEGER;
    CREATE INDEX keys_former ON keys (former_hash);
    CREATE INDEX keys_user ON keys (user_id);
    CREATE INDEX keys_created ON keys (created_at);
  `,
};
