import type { Migration } from "../../migrate.ts";

/**
 * Money, in whole nano-USD. `entries` is only ever added to; an account's balance is the sum of its entries, or less what was spent of a
 * budget. What gateways have been lent of an account is in `lent` and, each gateway's own, in `loans`; `applied` is the last line of a gateway's
 * journal that is in the books, and a `lost` gateway was silent for so long that its loans were taken back.
 */
export const money: Migration = {
  id: "0010-money",
  up: `
    CREATE TABLE accounts (
      id TEXT PRIMARY KEY NOT NULL,
      balance INTEGER NOT NULL DEFAULT 0,
      lent INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE TABLE loans (
      account TEXT NOT NULL,
      holder TEXT NOT NULL,
      amount INTEGER NOT NULL,
      PRIMARY KEY (account, holder)
    ) STRICT;
    CREATE TABLE holders (
      id TEXT PRIMARY KEY NOT NULL,
      applied INTEGER NOT NULL,
      seen_at INTEGER NOT NULL,
      lost INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE entries (
      id TEXT NOT NULL UNIQUE,
      kind TEXT NOT NULL,
      account TEXT NOT NULL,
      amount INTEGER NOT NULL,
      held INTEGER NOT NULL,
      at INTEGER NOT NULL,
      description TEXT NOT NULL,
      request_id TEXT,
      key_id TEXT,
      user_id TEXT,
      team_id TEXT,
      model TEXT,
      deployment TEXT,
      price_version TEXT,
      evidence TEXT,
      prompt_tokens INTEGER,
      completion_tokens INTEGER,
      reason TEXT,
      actor TEXT,
      n INTEGER PRIMARY KEY
    ) STRICT;
    CREATE INDEX entries_account ON entries (account, n);
  `,
};
