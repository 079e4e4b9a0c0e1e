import type { Migration } from "../../migrate.ts";

/**
 * Which of several gateways looks after the engines: one row, whose beat rises for as long as its holder lives. And what the fleet remembers, as
 * JSON.
 */
export const fleet: Migration = {
  id: "0013-fleet",
  up: `
    CREATE TABLE fleet_role (
      name TEXT PRIMARY KEY NOT NULL,
      holder TEXT NOT NULL,
      address TEXT NOT NULL,
      secret TEXT NOT NULL,
      beat INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE fleet_memory (
      name TEXT PRIMARY KEY NOT NULL,
      value TEXT NOT NULL
    ) STRICT;
  `,
};
