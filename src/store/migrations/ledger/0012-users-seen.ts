import type { Migration } from "../../migrate.ts";

/** When users last asked, and when they got the password they have. */
export const usersSeen: Migration = {
  id: "0012-users-seen",
  up: `
    ALTER TABLE users ADD COLUMN last_seen_at INTEGER;
    ALTER TABLE users ADD COLUMN password_at INTEGER;
  `,
};
