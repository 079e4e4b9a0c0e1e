import type { Migration } from "../../migrate.ts";

/** What the cache did for a request. */
export const cacheOutcome: Migration = {
  id: "0004-cache",
  up: `
    ALTER TABLE requests ADD COLUMN cache TEXT;
  `,
};
