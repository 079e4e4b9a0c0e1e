import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { modelsOf } from "../../../src/catalog/models.ts";
import { priceBook } from "../../../src/gateway/billing/price-book.ts";
import { type ReratingDesk, type ReratingWish, rerateRequests } from "../../../src/ledger/rerating/rerate.ts";
import { lineText } from "../../../src/store/ledger/journal-line.ts";
import type { Store } from "../../../src/store/open.ts";
import { describeStores, withStore } from "../../../src/store/stores.fixture.ts";
import { record } from "../../../src/store/temporary.fixture.ts";
import { testDeployment, testModel } from "../../../src/vocabulary/model.fixture.ts";
import { testTariff } from "../../../src/vocabulary/price.fixture.ts";
import type { Tariff } from "../../../src/vocabulary/price.ts";
import type { RequestRecord } from "../../../src/vocabulary/record.ts";
import { promptTokens, usageOf } from "../../../src/vocabulary/usage.ts";

setDefaultTimeout(120_000);

const SINCE = Date.UTC(2026, 10, 20);
const UNTIL = Date.UTC(2026, 10, 21);
const WISH: ReratingWish = { since: SINCE, until: UNTIL, dryRun: false, reason: "typo", actor: "key_admin", at: UNTIL };
const ACCOUNTS = ["house", "user:ann", "user:bob", "budget:key:k:day:2026-11-20", "budget:team:t:month:2026-11-01"];

/** What is known of prices at one time: of two deployments, and of a model that has a price of its own. */
interface Prices {
  readonly one?: Tariff;
  readonly other?: Tariff;
  readonly charged?: Tariff;
}

function bookOf({ one, other, charged }: Prices) {
  const [first, second] = [testDeployment("a/one", { price: one }), testDeployment("a/other", { price: other })];
  return priceBook({ models: modelsOf([testModel("m", [first, second]), testModel("charged", [second], { price: charged })]), services: new Map() });
}

type Request = Pick<RequestRecord, "id" | "startedAt" | "model" | "deployment" | "usage" | "accounts" | "outcome">;

/** Serves requests as a gateway with these prices does: they are settled, and become rows; an even number of them after their day is closed. */
async function serve(store: Store, prices: Prices, requests: readonly Request[]): Promise<void> {
  const book = bookOf(prices);
  if (requests.length % 2 === 0) store.requests.append(record(0, { id: "req_later", startedAt: UNTIL, model: "later" }));
  for (const [line, request] of requests.entries()) {
    const bill = request.usage && book.billFor({ ...request, usage: request.usage });
    const { cost, charge, priceVersion } = typeof bill === "object" ? bill : { cost: undefined, charge: undefined, priceVersion: undefined };
    store.requests.append(record(0, { cache: undefined, ...request, cost, charge, priceVersion }));
    if (charge === undefined || charge === 0n || request.accounts === undefined) continue;
    const [payer, budgets] = [request.accounts.find((each) => !each.startsWith("budget")), request.accounts.filter((each) => each.startsWith("budget"))];
    const { id: requestId, model, usage } = request;
    const counted = { evidence: "reported", promptTokens: promptTokens(usage ?? usageOf({})), completionTokens: 0 } as const;
    const settlement = { requestId, at: 1, payer, budgets, used: charge, held: charge, model, ...counted, description: "Chat" };
    await store.money.post({ holder: "one", upTo: line + 1, lines: [{ number: line + 1, text: lineText({ final: true, settlement }) }], at: 1 });
  }
  await store.requests.flush();
}

const deskOf = ({ requests, money: books }: Store, prices: Prices): ReratingDesk => ({ requests, books, prices: bookOf(prices) });

/** Everything that money is counted in: accounts and how many entries they have, rows, sums. */
async function worth(store: Store) {
  const { rows } = await store.requests.list({ limit: 1_000 });
  // The one from what was added up by the day, where the day is closed; the other never.
  const [byModel = [], byHour = []] = await Promise.all(
    [["model", "user_id"] as const, ["model", "hour"] as const].map((by) => store.requests.usage({ by, limit: 10_000, offset: 0 })),
  );
  const total = (usage: typeof byModel) => usage.reduce((sum, { sums }) => sum + sums.charge - sums.cost, 0n);
  expect(total(byModel)).toBe(total(byHour));
  return {
    accounts: (await store.money.accountsOf(ACCOUNTS)).map(({ balance }) => balance),
    rows: rows.map(({ id, cost, charge }) => [id, cost, charge]).toSorted(),
    sums: byModel.map(({ group, sums: { requests, unpriced, cost, charge } }) => [group, requests, unpriced, cost, charge].join()).toSorted(),
  };
}

async function entries(store: Store): Promise<number> {
  const { discrepancies, entries: count } = await store.money.check();
  expect(discrepancies).toEqual([]);
  return count;
}

/** As if the process were killed when it gets there for the first time. */
function cutOff(desk: ReratingDesk, cut: "books" | "rows" | "nothing"): ReratingDesk {
  const dead = () => Promise.reject(new Error("killed"));
  if (cut === "books") return { ...desk, books: { ...desk.books, rerate: dead } };
  const { flush, list } = desk.requests;
  return cut === "rows" ? { ...desk, requests: { flush, list, correct: dead } } : desk;
}

let number = 0;
const price = fc.option(
  fc.record({ input: fc.nat(50), output: fc.nat(50) }).map((usd) => testTariff(usd)),
  { nil: undefined },
);
const anyPrices = fc.record({ one: price, other: price, charged: price });
const anyRequest: fc.Arbitrary<Request> = fc
  .record({
    startedAt: fc.integer({ min: SINCE, max: UNTIL - 1 }),
    model: fc.constantFrom("m", "charged", "gone"),
    deployment: fc.constantFrom("a/one", "a/other"),
    outcome: fc.constantFrom("ok" as const, "client-left" as const),
    usage: fc.option(
      fc.record({ input: fc.nat(1e6), output: fc.nat(1e5) }).map((counts) => usageOf(counts)),
      { nil: undefined },
    ),
    accounts: fc.option(
      fc.subarray(ACCOUNTS.slice(3)).chain((budgets) => fc.constantFrom(...[[], ["house"], ["user:ann"], ["user:bob"]].map((payer) => [...payer, ...budgets]))),
      {
        nil: undefined,
      },
    ),
  })
  .map((request) => ({ ...request, id: `req_${String(++number).padStart(8, "0")}` }))
  // Of what broke off and nobody kept count of, nobody knows whether it was to be paid.
  .map((request) => (request.accounts === undefined ? { ...request, outcome: "ok" as const } : request));
const anyRequests = fc.array(anyRequest, { minLength: 1, maxLength: 40 });

/** Of a price that is known no longer what was charged by it stays. */
const known = (prices: Prices, before: Prices): Prices => ({
  one: prices.one ?? before.one,
  other: prices.other ?? before.other,
  charged: prices.charged ?? before.charged,
});

describeStores("prices put right", (kind) => {
  test("leave everything as if they had been in force, twice as once, wherever it was cut off", () =>
    fc.assert(
      fc.asyncProperty(anyPrices, anyPrices, anyRequests, fc.constantFrom("books", "rows", "nothing"), async (wrong, now, requests, cut) => {
        const right = known(now, wrong);
        const wanted = await withStore(kind, async (store) => {
          await store.ready;
          await serve(store, right, requests);
          return worth(store);
        });
        await withStore(kind, async (store) => {
          await store.ready;
          await serve(store, wrong, requests);
          const desk = deskOf(store, right);
          const before = await worth(store);
          const told = await rerateRequests({ ...WISH, dryRun: true }, desk);
          expect(await worth(store)).toEqual(before);
          const isCut = await rerateRequests(WISH, cutOff(desk, cut)).then(
            () => false,
            () => true,
          );
          const done = await rerateRequests(WISH, desk);
          expect(await worth(store)).toEqual(wanted);
          if (isCut) expect(done).toEqual(told);
          const count = await entries(store);
          const again = await rerateRequests(WISH, desk);
          expect([...again.models.values()].map(({ changed }) => changed)).toEqual([...again.models].map(() => 0));
          expect([await entries(store), await worth(store)]).toEqual([count, wanted]);
        });
      }),
      { numRuns: 5, endOnFailure: true },
    ));

  const MILLION = usageOf({ input: 1_000_000 });
  const request = (index: number, more: Partial<Request> = {}): Request => ({
    id: `req_${index}`,
    startedAt: SINCE + index,
    model: "m",
    deployment: "a/one",
    outcome: "ok",
    usage: MILLION,
    accounts: ["user:ann", ACCOUNTS[3] ?? ""],
    ...more,
  });
  const DEAR = { one: testTariff({ input: 2 }) };
  const CHEAP = { one: testTariff({ input: 1 }) };
  const annHas = async (store: Store) => (await store.money.accountsOf(["user:ann"]))[0]?.balance;

  test("are put back too, where it was cut off in between", () =>
    withStore(kind, async (store) => {
      await store.ready;
      await serve(store, CHEAP, [request(1)]);
      const before = await worth(store);
      await rerateRequests(WISH, cutOff(deskOf(store, DEAR), "rows")).catch(() => undefined);
      expect(await annHas(store)).toBe(-2_000_000_000n);
      await rerateRequests(WISH, deskOf(store, CHEAP));
      expect(await worth(store)).toEqual(before);
    }));

  test("leave what was paid back, and what is paid back afterwards is all of it", () =>
    withStore(kind, async (store) => {
      await store.ready;
      await serve(store, CHEAP, [request(1), request(2)]);
      const refund = { kind: "refund", account: "user:ann", amount: 400_000_000n, held: 0n, at: 1, description: "Refund" } as const;
      await store.money.enter({ ...refund, id: "txn_1r", requestId: "req_1" });
      const told = await rerateRequests(WISH, deskOf(store, DEAR));
      expect([told.models.get("m"), [...told.left]]).toEqual([{ requests: 2, changed: 2, cost: 2_000_000_000n, charge: 1_000_000_000n }, [["refunded", 1]]]);
      expect(await annHas(store)).toBe(-2_600_000_000n);
      await rerateRequests(WISH, deskOf(store, { one: testTariff({ input: 3 }) }));
      const kinds = (await store.money.entriesOfRequest("req_2")).map(({ id, kind, amount, reason, actor }) => [id, kind, amount, reason, actor]);
      expect(kinds).toEqual([
        ["txn_2", "capture", -1_000_000_000n, undefined, undefined],
        ["txn_2a1", "adjust", -1_000_000_000n, "typo", "key_admin"],
        ["txn_2a2", "adjust", -1_000_000_000n, "typo", "key_admin"],
      ]);
    }));

  test("are those of the requests asked for, and what stays as it is is counted", () =>
    withStore(kind, async (store) => {
      await store.ready;
      const unpaid = { accounts: undefined };
      await serve(store, {}, [
        request(1, { usage: undefined }),
        request(2, { ...unpaid, outcome: "client-left" }),
        request(3, { model: "other", deployment: "z/gone", ...unpaid }),
        request(4, { deployment: "a/other", ...unpaid }),
        request(5),
        request(6, { startedAt: UNTIL }),
        request(7, { startedAt: SINCE - 1 }),
      ]);
      store.requests.append(record(8, { ...request(8), cache: "hit", cost: undefined, charge: undefined }));
      const told = await rerateRequests(WISH, deskOf(store, DEAR));
      expect(Object.fromEntries(told.left)).toEqual({ no_usage: 1, not_charged: 1, deployment_gone: 1, unpriced: 1, from_cache: 1 });
      expect([...told.models].map(([model, { requests, changed }]) => [model, requests, changed])).toEqual([
        ["m", 5, 1],
        ["other", 1, 0],
      ]);
      const only = await rerateRequests({ ...WISH, until: UNTIL + 1, deployment: "a/one", model: "m" }, deskOf(store, DEAR));
      expect(only.models.get("m")).toMatchObject({ requests: 5, changed: 1, charge: 2_000_000_000n });
    }));

  test("are put right batch by batch, by two at the same time too", () =>
    withStore(kind, async (store) => {
      await store.ready;
      await serve(
        store,
        {},
        Array.from({ length: 620 }, (_, index) => request(index)),
      );
      const desk = deskOf(store, DEAR);
      await Promise.all([rerateRequests(WISH, desk), rerateRequests(WISH, desk)]);
      expect((await worth(store)).accounts).toEqual([0n, -1_240_000_000_000n, 0n, -1_240_000_000_000n, 0n]);
      expect(await entries(store)).toBe(620);
      const [row] = await store.requests.usage({ by: ["model"], limit: 1, offset: 0 });
      expect(row?.sums).toMatchObject({ requests: 620n, unpriced: 0n, cost: 1_240_000_000_000n, charge: 1_240_000_000_000n });
    }));
});
