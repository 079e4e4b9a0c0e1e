import type { Migration } from "../../migrate.ts";

/** What a key may say of others, and what it would rather be refused. */
export const keyOptions: Migration = {
  id: "0002-key-options",
  up: `
    ALTER TABLE keys ADD COLUMN vouches INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE keys ADD COLUMN strict INTEGER NOT NULL DEFAULT 0;
  `,
};
