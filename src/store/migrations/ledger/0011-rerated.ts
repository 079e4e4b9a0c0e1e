import type { Migration } from "../../migrate.ts";

/** What requests were charged in the end whose price was put right, and how often it was: nano-USD. */
export const rerated: Migration = {
  id: "0011-rerated",
  up: `
    CREATE TABLE rerated (
      request_id TEXT PRIMARY KEY NOT NULL,
      charge INTEGER NOT NULL,
      times INTEGER NOT NULL
    ) STRICT;
  `,
};
