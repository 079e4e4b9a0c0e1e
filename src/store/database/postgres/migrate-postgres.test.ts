import { expect, test } from "bun:test";
import type { Migration } from "../../migrate.ts";
import { MIGRATIONS } from "../../migrations/lists.ts";
import { errorOf } from "../../stores.fixture.ts";
import { migratePostgres, type ToMigrate } from "./migrate-postgres.ts";
import { readPostgresAddress } from "./postgres-address.ts";
import { sharedPostgres } from "./postgres-server.fixture.ts";

const WITHIN = 5_000;
const postgres = sharedPostgres();
const one: Migration = { id: "0001-one", up: "CREATE TABLE one (a INTEGER PRIMARY KEY, b TEXT) STRICT; INSERT INTO one (b) VALUES ('TEXT');" };
const two: Migration = { id: "0002-two", up: "ALTER TABLE one ADD COLUMN c REAL; CREATE TABLE two (a INTEGER REFERENCES one (a)) STRICT;" };
const broken: Migration = { id: "0002-broken", up: "CREATE TABLE two (a INTEGER) STRICT; CREATE TABLE one (a INTEGER) STRICT;" };
const roomsOf = (ledger: readonly Migration[]): ToMigrate["rooms"] => ({ ledger, requests: [], responses: [one].slice(1), batches: [] });

async function fresh() {
  const server = await postgres();
  const url = server.database();
  const migrate = (ledger: readonly Migration[], as = url) =>
    migratePostgres({ address: readPostgresAddress(as), rooms: roomsOf(ledger), within: WITHIN, now: 5 });
  const all = (as = url) => migratePostgres({ address: readPostgresAddress(as), rooms: MIGRATIONS, within: WITHIN, now: 5 });
  const tables = () => sql("select string_agg(table_name, ' ' order by table_name) from information_schema.tables where table_schema = 'signalbox'");
  const sql = (text: string) => server.sql(url, text);
  return { url, migrate, all, sql, tables };
}

test("what is missing is applied, once, in a schema of our own", async () => {
  const { migrate, sql, tables } = await fresh();
  expect(await migrate([one])).toEqual(["0001-one"]);
  expect(await migrate([one])).toEqual([]);
  expect(await migrate([one, two])).toEqual(["0002-two"]);
  expect(sql("select room, id, applied_at from signalbox.migrations order by id")).toBe("ledger|0001-one|5\nledger|0002-two|5");
  expect(sql("select a, b, c from signalbox.one")).toBe("1|TEXT|");
  expect(tables()).toBe("migrations one two");
  expect(sql("select count(*) from information_schema.tables where table_schema = 'public'")).toBe("0");
});

test("all rooms' migrations run, and leave nothing for a second time", async () => {
  const { all } = await fresh();
  expect(await all()).toEqual(Object.values(MIGRATIONS).flatMap((room) => room.map(({ id }) => id)));
  expect(await all()).toEqual([]);
});

test("gateways that start together do not meet: one of them migrates", async () => {
  const { all } = await fresh();
  const applied = await Promise.all(Array.from({ length: 12 }, () => all()));
  expect(applied.filter((ids) => ids.length > 0)).toHaveLength(1);
});

test("a step that fails leaves nothing of itself nor of those before it", async () => {
  const { migrate, tables } = await fresh();
  expect((await errorOf(migrate([one, broken]))).message).toContain("cannot be brought up to date");
  expect(tables()).toBe("");
  expect(await migrate([one, two])).toEqual(["0001-one", "0002-two"]);
});

test("a schema that is newer than the program is refused, and stays", async () => {
  const { migrate, tables } = await fresh();
  await migrate([one, two]);
  const error = await errorOf(migrate([one]));
  expect(error.message).toMatch(/^The schema signalbox of PostgreSQL at 127\.0\.0\.1:\d+\/test_\d+ was written by a newer Signalbox.*0002-two/);
  expect(error).toMatchObject({ kind: "failed" });
  expect(tables()).toBe("migrations one two");
});

test("a user who may not make the schema is told how it is made, and one who may only use it needs no more", async () => {
  const { url, migrate, sql } = await fresh();
  const name = new URL(url).pathname.slice(1);
  sql(`create role clerk_${name} login password 'x'; revoke create on database ${name} from public`);
  const clerk = url.replace(/\/\/[^@]*@/, `//clerk_${name}:x@`);
  expect((await errorOf(migrate([one], clerk))).message).toMatch(/permission denied.*CREATE SCHEMA signalbox AUTHORIZATION clerk_/);
  await migrate([one]);
  sql(`grant usage on schema signalbox to clerk_${name}; grant select on all tables in schema signalbox to clerk_${name}`);
  expect(await migrate([one], clerk)).toEqual([]);
});

const UNREACHABLE: readonly [what: string, change: (url: string) => string, kind: string, says: RegExp][] = [
  ["a wrong password", (url) => url.replace(/:[^:@/]*@/, ":wrong-secret@"), "failed", /refuses the user or the password/],
  ["a database that is not there", (url) => url.replace(/\/test_\d+$/, "/none"), "failed", /there is no such database/],
  ["a server that speaks no TLS", (url) => `${url}?sslmode=require`, "failed", /speaks no TLS/],
  ["a port where nobody listens", (url) => url.replace(/:\d+\//, ":9/"), "away", /cannot be reached/],
  ["a name that is none", (url) => url.replace("127.0.0.1", "nowhere.invalid"), "away", /cannot be reached|did not answer/],
];
test.each(UNREACHABLE)("%s is told without a secret", async (_what, change, kind, says) => {
  const { url, all } = await fresh();
  const error = await errorOf(all(change(url)));
  expect(error).toMatchObject({ name: "StoreTrouble", kind });
  expect(error.message).toMatch(says);
  expect(error.message).not.toContain("secret");
});
