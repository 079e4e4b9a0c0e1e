import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import type { Migration } from "../../migrate.ts";
import { MIGRATIONS } from "../../migrations/lists.ts";
import { migrateFile } from "./migrate-file.ts";

const one: Migration = { id: "0001-one", up: "CREATE TABLE one (a); INSERT INTO one VALUES (1);" };
const two: Migration = { id: "0002-two", up: "ALTER TABLE one ADD COLUMN b; CREATE TABLE two (a);" };
const broken: Migration = { id: "0002-broken", up: "CREATE TABLE two (a); CREATE TABLE one (a);" };

const tablesOf = (database: Database) =>
  database
    .query<{ name: string }, []>("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .all()
    .map((row) => row.name);

describe("a file", () => {
  test("applies what is missing, once", () => {
    const database = new Database(":memory:");
    expect(migrateFile(database, [one], 5)).toEqual(["0001-one"]);
    expect(migrateFile(database, [one], 6)).toEqual([]);
    expect(migrateFile(database, [one, two], 7)).toEqual(["0002-two"]);
    expect(database.query("SELECT id, applied_at AS at FROM migrations ORDER BY id").all()).toEqual([
      { id: "0001-one", at: 5 },
      { id: "0002-two", at: 7 },
    ]);
    expect(database.query("SELECT a, b FROM one").all()).toEqual([{ a: 1, b: null }]);
  });

  test("leaves nothing of a step that fails", () => {
    const database = new Database(":memory:");
    expect(() => migrateFile(database, [one, broken], 5)).toThrow("already exists");
    expect(tablesOf(database)).toEqual(["migrations", "one"]);
    expect(migrateFile(database, [one, two], 6)).toEqual(["0002-two"]);
  });

  test("refuses a database that is newer than the program, and changes nothing", () => {
    const database = new Database(":memory:");
    migrateFile(database, [one, two], 5);
    expect(() => migrateFile(database, [one], 6)).toThrow(/written by a newer Signalbox.*0002-two/);
    expect(tablesOf(database)).toEqual(["migrations", "one", "two"]);
  });
});

for (const [room, migrations] of Object.entries(MIGRATIONS)) {
  test(`${room}'s migrations have ids in order, each its own, and run`, () => {
    const ids = migrations.map((migration) => migration.id);
    expect(ids.length).toBeGreaterThan(0);
    expect(ids).toEqual([...new Set(ids)].sort());
    expect(migrateFile(new Database(":memory:"), migrations, 1)).toEqual(ids);
  });
}

test("rows of before the units keep their counts, and have no units", () => {
  const database = new Database(":memory:");
  migrateFile(database, MIGRATIONS.requests.slice(0, 1), 1);
  database.run(
    "INSERT INTO requests (id, started_at, operation, dialect, model, stream, status, outcome, total_ms, evidence, input, trace) VALUES ('req_1', 1, 'chat', '', 'm', 0, 200, 'ok', 1, 'reported', 7, '{}')",
  );
  migrateFile(database, MIGRATIONS.requests, 2);
  expect(database.query("SELECT id, input, image_output, milliseconds, characters, images, searches FROM requests").all()).toEqual([
    { id: "req_1", input: 7, image_output: null, milliseconds: null, characters: null, images: null, searches: null },
  ]);
});

test("keys made before there were roles keep what they might", () => {
  const database = new Database(":memory:");
  migrateFile(database, MIGRATIONS.ledger.slice(0, 2), 5);
  for (const [id, admin] of [
    ["a", 1],
    ["b", 0],
  ] as const)
    database.run("INSERT INTO keys (id, hash, shown, name, admin, origin, created_at) VALUES (?, ?, 'sb-', ?, ?, 'api', 1)", [id, id, id, admin]);
  migrateFile(database, MIGRATIONS.ledger, 6);
  expect(database.query("SELECT id, role, local_only FROM keys ORDER BY id").all()).toEqual([
    { id: "a", role: "admin", local_only: 0 },
    { id: "b", role: "member", local_only: 0 },
  ]);
});
