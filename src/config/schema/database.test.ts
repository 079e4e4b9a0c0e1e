import { expect, test } from "bun:test";
import { database, databaseOf } from "./database.ts";

const POSTGRES = "postgres://u:p@h/d";

const ROWS: readonly [given: object, dataDir: string, postgres: boolean][] = [
  [{}, "data", false],
  [{ url: "sqlite:/var/lib/signalbox" }, "/var/lib/signalbox", false],
  [{ url: "sqlite:a", data_dir: "b" }, "b", false],
  [{ url: POSTGRES }, "data", true],
  [{ url: POSTGRES.toUpperCase(), data_dir: "b" }, "b", true],
];

test.each(ROWS)("%j keeps this gateway's own files in %s; PostgreSQL: %p", (given, dataDir, postgres) => {
  const found = databaseOf(database.parse(given));
  expect([found.dataDir, found.database !== undefined]).toEqual([dataDir, postgres]);
});

test("keys and statements have their times in milliseconds", () => {
  expect(databaseOf(database.parse({ url: POSTGRES, timeout: "3s" })).database).toEqual({ url: POSTGRES, timeout: 3000 });
});
