import type { Migration } from "../../migrate.ts";

/** Users, and teams of them. Limits and budgets are JSON, amounts nano-USD as text; times are milliseconds since 1970, UTC. */
export const users: Migration = {
  id: "0003-users",
  up: `
    CREATE TABLE users (
      id TEXT PRIMARY KEY NOT NULL,
      issuer TEXT NOT NULL,
      subject TEXT NOT NULL,
      email TEXT,
      name TEXT,
      role TEXT NOT NULL,
      password_hash TEXT,
      limits TEXT,
      budgets TEXT,
      blocked_at INTEGER,
      created_at INTEGER NOT NULL,
      UNIQUE (issuer, subject)
    ) STRICT;
    CREATE INDEX users_email ON users (email);
    CREATE INDEX users_created ON users (created_at);
    CREATE TABLE teams (
      id TEXT PRIMARY KEY NOT NULL,
      name TEXT NOT NULL UNIQUE,
      models TEXT,
      limits TEXT,
      budgets TEXT,
      blocked_at INTEGER,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE team_members (
      team_id TEXT NOT NULL,
      user_id TEXT NOT NULL,
      added_at INTEGER NOT NULL,
      PRIMARY KEY (team_id, user_id)
    ) STRICT;
    CREATE INDEX team_members_user ON team_members (user_id);
  `,
};
