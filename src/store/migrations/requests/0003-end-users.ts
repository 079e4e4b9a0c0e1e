import type { Migration } from "../../migrate.ts";

/** Whom a caller vouched for, and their conversation. */
export const endUsers: Migration = {
  id: "0003-end-users",
  up: `
    ALTER TABLE requests ADD COLUMN end_user TEXT;
    ALTER TABLE requests ADD COLUMN session TEXT;
  `,
};
