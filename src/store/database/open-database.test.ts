import { expect, test } from "bun:test";
import { join } from "node:path";
import { type Generated, sql } from "kysely";
import { describeStores, errorOf, type Kind } from "../stores.fixture.ts";
import { inFolder } from "../temporary.fixture.ts";
import { kindOfTrouble } from "../trouble.ts";
import { type OpenDatabase, openDatabase } from "./open-database.ts";
import type { Place } from "./place.ts";
import { forPostgres } from "./postgres/translate.ts";

interface Tables {
  readonly things: { readonly n: Generated<number>; readonly name: string; readonly amount: bigint | number | null; readonly share: number | null };
}

const TABLE = "CREATE TABLE things (n INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, amount INTEGER CHECK (amount <> -13), share REAL) STRICT";
const HUGE = 9_223_372_036_854_775_807n;

function withThings<Result>(kind: Kind, work: (database: OpenDatabase<Tables>) => Promise<Result>): Promise<Result> {
  return inFolder(async (folder) => {
    const { database: address } = await kind.fresh();
    const place: Place =
      address === undefined
        ? { kind: "sqlite", path: join(folder, "things.db") }
        : { kind: "postgres", url: address.url, connect: 5_000, deadline: 5_000, connections: 3 };
    const open = await openDatabase<Tables>(place, { access: "strict", told: () => undefined });
    try {
      if (address !== undefined) await sql`create schema signalbox`.execute(open.kysely);
      await sql`${sql.raw(address === undefined ? TABLE : forPostgres(TABLE.replace("things", "signalbox.things")))}`.execute(open.kysely);
      return await work(open);
    } finally {
      await open.close();
    }
  });
}

describeStores("a database", (kind) => {
  test("gives integers as they were put, as numbers or as bigints", () =>
    withThings(kind, async ({ kysely, exact }) => {
      await exact.insertInto("things").values({ name: "huge", amount: HUGE, share: 0.1 }).execute();
      await exact
        .insertInto("things")
        .values({ name: "least", amount: -HUGE - 1n })
        .execute();
      await kysely.insertInto("things").values({ name: "small", amount: 7, share: 3 }).execute();
      const amounts = await exact.selectFrom("things").select(["n", "amount", "share"]).orderBy("n").execute();
      expect(amounts.map(({ n, amount, share }) => [n, amount, share])).toEqual([
        [1n, HUGE, 0.1],
        [2n, -HUGE - 1n, null],
        [3n, 7n, 3],
      ] as never);
      const small = kysely.selectFrom("things").select(["n", "amount", "share"]).where("name", "=", "small");
      expect(await small.executeTakeFirst()).toEqual({ n: 3, amount: 7, share: 3 });
      expect((await errorOf(kysely.selectFrom("things").selectAll().execute())).message).toContain(`amount holds ${HUGE}`);
    }));

  test("counts and sums in integers", () =>
    withThings(kind, async ({ kysely, exact }) => {
      for (const name of ["a", "b", "c"])
        await exact
          .insertInto("things")
          .values({ name, amount: 2n ** 61n })
          .execute();
      const totals = await exact
        .selectFrom("things")
        .select(({ fn }) => [fn.countAll().as("count"), fn.sum("amount").as("sum"), fn.max("amount").as("most")])
        .executeTakeFirstOrThrow();
      expect(totals).toEqual({ count: 3n, sum: 3n * 2n ** 61n, most: 2n ** 61n } as never);
      expect(
        await kysely
          .selectFrom("things")
          .select(({ fn }) => fn.countAll().as("count"))
          .executeTakeFirstOrThrow(),
      ).toEqual({ count: 3 });
    }));

  test("orders texts by their bytes", () =>
    withThings(kind, async ({ kysely }) => {
      const names = ["b", "B", "a b", "ab", "é", "z", "_", "Ж", "😀"];
      await kysely
        .insertInto("things")
        .values(names.map((name) => ({ name })))
        .execute();
      const found = await kysely.selectFrom("things").select("name").orderBy("name").execute();
      expect(found.map(({ name }) => name)).toEqual(["B", "_", "a b", "ab", "b", "z", "é", "Ж", "😀"]);
    }));

  test("does a transaction wholly or not at all, and says what contradicts what is there", () =>
    withThings(kind, async ({ kysely }) => {
      await kysely.insertInto("things").values({ name: "there" }).execute();
      const failing = kysely.transaction().execute(async (step) => {
        await step.insertInto("things").values({ name: "new" }).execute();
        await step.insertInto("things").values({ name: "there" }).execute();
      });
      expect(kindOfTrouble(await errorOf(failing))).toBe("conflict");
      expect(kindOfTrouble(await errorOf(kysely.insertInto("things").values({ name: "x", amount: -13 }).execute()))).toBe("failed");
      expect(await kysely.selectFrom("things").select("name").execute()).toEqual([{ name: "there" }]);
    }));

  test("keeps transactions that run beside each other apart", () =>
    withThings(kind, async ({ kysely }) => {
      await kysely.insertInto("things").values({ name: "sum", amount: 0 }).execute();
      const add = () =>
        kysely.transaction().execute(async (step) => {
          await step.updateTable("things").set({ amount: sql<number>`amount + 1` }).where("name", "=", "sum").execute();
          await step.insertInto("things").values({ name: crypto.randomUUID() }).execute();
        });
      await Promise.all(Array.from({ length: 20 }, add));
      expect(await kysely.selectFrom("things").select("amount").where("name", "=", "sum").executeTakeFirst()).toEqual({ amount: 20 });
    }));
});
