import { expect, test } from "bun:test";
import { join } from "node:path";
import fc from "fast-check";
import { sql } from "kysely";
import { type CacheOutcome, isFromCache, type RequestRecord } from "../../vocabulary/record.ts";
import { openDatabase } from "../database/open-database.ts";
import type { Place } from "../database/place.ts";
import { openStore, type Store, type StoreOptions } from "../open.ts";
import { postgresSink } from "../requests/postgres-sink.ts";
import type { RequestTables } from "../requests/request-queries.ts";
import { linesOf, rowsOf } from "../requests/request-row.ts";
import type { RowSink } from "../requests/row-sink.ts";
import { describeStores, type Kind, withStore } from "../stores.fixture.ts";
import { inFolder, record } from "../temporary.fixture.ts";
import { hourAfter, hourBefore } from "./usage-parts.ts";
import type { UsageDimension, UsageQuestion, UsageRow } from "./usage-queries.ts";
import { DAY, HOUR, USAGE_SUMS, USAGE_TEXTS } from "./usage-sums.ts";

const NOON = Date.UTC(2026, 10, 22, 12);
const ALL: Omit<UsageQuestion, "by"> = { limit: 100_000, offset: 0 };

/** What a request is told apart by, said once more in other words. */
const VALUES: Readonly<Record<UsageDimension, (record: RequestRecord) => string | number>> = {
  model: ({ model }) => model,
  deployment: ({ deployment = "" }) => deployment,
  key_id: ({ keyId = "" }) => keyId,
  user_id: ({ userId = "" }) => userId,
  team_id: ({ teamId = "" }) => teamId,
  source: ({ source = "" }) => source,
  operation: ({ operation }) => operation,
  outcome: ({ outcome }) => outcome,
  hour: ({ startedAt }) => Math.floor(startedAt / HOUR) * HOUR,
  day: ({ startedAt }) => Math.floor(startedAt / DAY) * DAY,
};
const DIMENSIONS = Object.keys(VALUES) as UsageDimension[];

/** What these requests add up to, told apart so: `[group, requests, from cache, unpriced, input, output, citations, cost, charge]`. */
function addedUp(records: readonly Omit<RequestRecord, "trace">[], by: readonly UsageDimension[]) {
  const sums = new Map<string, bigint[]>();
  for (const each of records) {
    const group = JSON.stringify(by.map((dimension) => VALUES[dimension](each as RequestRecord)));
    const before = sums.get(group) ?? Array(8).fill(0n);
    const cached = isFromCache(each.cache);
    const usage = cached ? undefined : each.usage;
    const unpriced = usage !== undefined && (each.cost === undefined || each.charge === undefined);
    const adds = [1, Number(cached), Number(unpriced), usage?.input, usage?.output, usage?.citations, each.cost, each.charge];
    sums.set(
      group,
      before.map((sum, index) => sum + BigInt(adds[index] ?? 0)),
    );
  }
  return [...sums].map(([group, each]) => [group, ...each].join(" ")).toSorted();
}

const shown = (rows: readonly UsageRow[]) =>
  rows
    .map(({ group, sums: { requests, from_cache, unpriced, input, output, citations, cost, charge } }) =>
      [JSON.stringify(group), requests, from_cache, unpriced, input, output, citations, cost, charge].join(" "),
    )
    .toSorted();

/** Everything in the store, as rows and as sums, told apart by any one or two. */
async function expectSumsOfRows(store: Store): Promise<void> {
  const { rows } = await store.requests.list({ limit: 1000 });
  const pairs = DIMENSIONS.flatMap((one, index) => [[one], ...DIMENSIONS.slice(index + 1).map((other) => [one, other])]);
  for (const by of pairs) expect([by, shown(await store.requests.usage({ ...ALL, by }))]).toEqual([by, addedUp(rows, by)]);
}

let number = 0;
const text = fc.constantFrom("a", "b", "", "a\u0000b", "a\uFFFDb", "';--", "\ud800");
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const anyRecord: fc.Arbitrary<RequestRecord> = fc
  .record({
    startedAt: fc.integer({ min: NOON, max: NOON + 2 * DAY }),
    model: text,
    deployment: optional(fc.constantFrom("x/a", "y/b")),
    keyId: optional(fc.constantFrom("key_1", "key_2")),
    userId: optional(fc.constantFrom("ann", "bob")),
    teamId: optional(fc.constant("team")),
    source: optional(fc.constantFrom("webui", "n8n")),
    operation: fc.constantFrom("chat" as const, "embeddings" as const),
    outcome: fc.constantFrom("ok" as const, "failed" as const, "client-left" as const),
    cache: optional(fc.constantFrom<CacheOutcome>("hit", "shared", "semantic", "miss", "bypass")),
    usage: optional(fc.nat(1e6).map((input) => ({ ...record(0).usage, input }) as RequestRecord["usage"])),
    cost: optional(fc.bigInt({ min: 0n, max: 10n ** 15n })),
    charge: optional(fc.bigInt({ min: 0n, max: 10n ** 15n })),
    // A time that is no number is what the table refuses.
    totalMs: fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.constant(Number.NaN) }),
  })
  .map((different) => record(++number, different));

const QUIETLY = { access: "relaxed", told: () => undefined } as const;
const placeOf = (url: string): Place => ({ kind: "postgres", url, connect: 5_000, deadline: 20_000, connections: 1 });

/** Two ways into one database that is up to date, and the store over it, which is to be closed. */
async function withSinks(kind: Kind, work: (sinks: [RowSink, RowSink], open: () => Promise<Store>, options: StoreOptions) => Promise<void>): Promise<void> {
  await inFolder(async (folder) => {
    const options = { dataDir: join(folder, "data"), ...(await kind.fresh()) };
    const open = async () => {
      const store = await openStore(options);
      await store.ready;
      return store;
    };
    await (await open()).close();
    const sink = async () => postgresSink(await openDatabase<RequestTables>(placeOf(options.database?.url ?? ""), QUIETLY));
    const sinks: [RowSink, RowSink] = [await sink(), await sink()];
    await work(sinks, open, options);
    await Promise.all(sinks.map((each) => each.close()));
  });
}
const rowsFor = (records: readonly RequestRecord[]) => [...rowsOf(records.map(linesOf).join(""))];

/** What is kept by the day is what is kept by the hour, of every day before the newest at least, and of none that is not closed. */
async function expectDaysOfHours({ dataDir, database }: StoreOptions): Promise<void> {
  const place: Place = database ? placeOf(database.url) : { kind: "sqlite", path: join(dataDir, "requests.db") };
  const { exact, close } = await openDatabase<RequestTables>(place, QUIETLY);
  const { day } = await exact.selectFrom("usage_closed").select("day").executeTakeFirstOrThrow();
  const days = await exact.selectFrom("usage_days").selectAll().execute();
  const hours = await exact.selectFrom("usage_hours").selectAll().execute();
  await close();
  const newest = Math.max(0, ...hours.map(({ hour }) => Number(hour)));
  // A row that was refused may have closed a day too.
  expect([Number(day) % DAY, Number(day) >= newest - (newest % DAY)]).toEqual([0, true]);
  const sums = new Map<string, bigint[]>();
  for (const row of hours.filter(({ hour }) => hour < day)) {
    const group = JSON.stringify([String(row.hour - (row.hour % BigInt(DAY))), ...USAGE_TEXTS.map((text) => row[text])]);
    const before = sums.get(group);
    sums.set(
      group,
      USAGE_SUMS.map((sum, index) => row[sum] + (before?.[index] ?? 0n)),
    );
  }
  const kept = days.map((row) => [JSON.stringify([String(row.day), ...USAGE_TEXTS.map((text) => row[text])]), USAGE_SUMS.map((sum) => row[sum])] as const);
  expect(new Map(kept)).toEqual(sums);
}

describeStores("sums by the day", (kind) => {
  const time = fc.option(fc.integer({ min: NOON - DAY, max: NOON + 6 * DAY }), { nil: undefined });
  const dated = fc.tuple(anyRecord, fc.integer({ min: NOON, max: NOON + 5 * DAY })).map(([each, startedAt]) => ({ ...each, startedAt }));
  const batches = fc.array(fc.array(dated, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 6 });
  const by = fc.constantFrom<UsageDimension[]>(["model"], ["day"], ["user_id", "day"], ["hour", "source"], ["outcome", "operation"]);

  test("are those by the hour, and every question has the answer the rows give, in whatever order they come", async () => {
    const options = { ...(await kind.fresh()) };
    await inFolder(async (dataDir) => {
      const all = { dataDir, ...options };
      await fc.assert(
        fc.asyncProperty(batches, fc.array(fc.tuple(time, time, by), { minLength: 1, maxLength: 6 }), async (some, questions) => {
          const store = await openStore(all);
          await store.ready;
          for (const batch of some) {
            for (const each of batch) store.requests.append({ ...each, id: `req_${++number}` });
            await store.requests.flush();
          }
          const { rows } = await store.requests.list({ limit: 1000 });
          for (const [from, to, group] of questions) {
            const inside = rows.filter(({ startedAt }) => startedAt >= hourBefore(from ?? 0) && startedAt < hourAfter(to ?? Number.MAX_SAFE_INTEGER));
            expect(shown(await store.requests.usage({ ...ALL, by: group, from, to }))).toEqual(addedUp(inside, group));
          }
          await store.close();
          await expectDaysOfHours(all);
        }),
        { numRuns: 8, endOnFailure: true },
      );
    });
  });

  // A file has one writer.
  if (kind.name === "PostgreSQL")
    test("lose nothing while several write about midnight, each to close the day", () =>
      withSinks(kind, async ([sink, other], open, options) => {
        const write = async (to: RowSink, ahead: number) => {
          for (let round = 0; round < 30; round++) {
            const days = [round, round - 1, round - ahead].map((day) => NOON + day * DAY);
            expect(await to.insert(rowsFor(days.map((startedAt) => record(++number, { startedAt, totalMs: 1, cost: 1n }))))).toBe(3);
          }
        };
        await Promise.all([write(sink, 0), write(other, 3)]);
        const store = await open();
        await expectSumsOfRows(store);
        await store.close();
        await expectDaysOfHours(options);
      }));
});

describeStores("sums by the hour", (kind) => {
  test("are the sums of the rows, whatever the batches, also where rows are refused", () =>
    withStore(kind, (store) =>
      fc.assert(
        fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 25 }), async (batch) => {
          for (const each of batch) store.requests.append(each);
          await store.requests.flush();
          const { rows } = await store.requests.list({ limit: 1000 });
          expect(rows.length).toBe(store.requests.state().written);
          for (const by of [["hour", "model"], ["key_id", "user_id"], ["day"]] as const)
            expect(shown(await store.requests.usage({ ...ALL, by }))).toEqual(addedUp(rows, by));
        }),
        { numRuns: 15, endOnFailure: true },
      ),
    ));

  test("are told apart by any one or two", () =>
    withStore(kind, async (store) => {
      for (const each of fc.sample(anyRecord, { numRuns: 200, seed: 7 })) store.requests.append(each);
      await store.requests.flush();
      await expectSumsOfRows(store);
    }));

  test("are exact where no number is", () =>
    withStore(kind, async (store) => {
      const cost = 9_007_199_254_740_993n;
      for (let each = 0; each < 3; each++) store.requests.append(record(++number, { cost, charge: cost + 2n }));
      await store.requests.flush();
      const [row] = await store.requests.usage({ ...ALL, by: ["model"] });
      expect([row?.sums.cost, row?.sums.charge]).toEqual([3n * cost, 3n * cost + 6n]);
    }));

  const questions: readonly [name: string, question: Partial<UsageQuestion>, groups: (string | number)[][]][] = [
    ["most charged first", {}, [["c"], ["b"], ["a"]]],
    ["a page of them", { limit: 1, offset: 1 }, [["b"]]],
    ["from an hour on, which is whole", { from: NOON + HOUR + 1 }, [["c"], ["b"]]],
    ["to the end of an hour", { to: NOON + HOUR + 1 }, [["b"], ["a"]]],
    ["to an hour's beginning", { to: NOON + HOUR }, [["a"]]],
    ["of one user", { matching: { user_id: "ann" } }, [["b"]]],
    ["of nobody's", { matching: { user_id: "" } }, [["c"], ["a"]]],
    ["two that exclude each other", { matching: { user_id: "ann", model: "a" } }, []],
  ];
  test.each(questions)("%s", (_name, question, groups) =>
    withStore(kind, async (store) => {
      const none = { userId: undefined };
      store.requests.append(record(++number, { model: "a", startedAt: NOON, charge: 1n, ...none }));
      store.requests.append(record(++number, { model: "b", startedAt: NOON + HOUR, charge: 2n, userId: "ann" }));
      store.requests.append(record(++number, { model: "c", startedAt: NOON + 2 * HOUR, charge: 3n, ...none }));
      await store.requests.flush();
      const rows = await store.requests.usage({ ...ALL, by: ["model"], ...question });
      expect(rows.map(({ group }) => [...group])).toEqual(groups);
    }),
  );

  test("of rows from before there were any are made when the database is brought up to date", () =>
    inFolder(async (folder) => {
      const options = { dataDir: join(folder, "data"), ...(await kind.fresh()) };
      const before = await openStore(options);
      await before.ready;
      for (const each of fc.sample(anyRecord, { numRuns: 50, seed: 11 })) before.requests.append(each);
      await before.close();
      const file = join(options.dataDir, "requests.db");
      const { exact, close } = await openDatabase<RequestTables>(options.database ? placeOf(options.database.url) : { kind: "sqlite", path: file }, QUIETLY);
      const schema = sql.raw(options.database ? "signalbox." : "");
      for (const table of ["hours", "days", "closed"]) await sql`drop table ${schema}${sql.raw(`usage_${table}`)}`.execute(exact);
      await sql`delete from ${schema}migrations where id in ('0006-usage', '0009-usage-days')`.execute(exact);
      await close();
      const store = await openStore(options);
      await store.ready;
      await expectSumsOfRows(store);
      await store.close();
      await expectDaysOfHours(options);
    }));

  // A file has one writer, and does not go away.
  if (kind.name === "PostgreSQL") {
    test("are written by several in other orders, who never wait for one another and lose nothing", () =>
      withSinks(kind, async ([sink, other], open) => {
        const models = Array.from({ length: 40 }, (_, index) => `m${index}`);
        const write = async (to: RowSink, order: readonly string[]) => {
          for (let round = 0; round < 20; round++) expect(await to.insert(rowsFor(order.map((model) => record(++number, { model }))))).toBe(40);
        };
        await Promise.all([write(sink, models), write(other, models.toReversed())]);
        const store = await open();
        const rows = await store.requests.usage({ ...ALL, by: ["model"] });
        expect(rows.map(({ sums }) => sums.requests)).toEqual(Array(40).fill(40n));
        await store.close();
      }));

    test("count nothing twice that is put there again", () =>
      withSinks(kind, async ([sink], open) => {
        const rows = rowsFor(fc.sample(anyRecord, { numRuns: 30, seed: 3 }).map((each) => ({ ...each, totalMs: 1 })));
        expect(await sink.insert(rows.slice(0, 20))).toBe(20);
        for (let round = 0; round < 2; round++) expect(await sink.insert(rows, { again: true })).toBe(30);
        const store = await open();
        expect((await store.requests.list({ limit: 100 })).rows.length).toBe(30);
        await expectSumsOfRows(store);
        await store.close();
      }));
  }
});
