import { describe, expect, test } from "bun:test";
import type { Entry, Settlement } from "../../vocabulary/ledger.ts";
import { describeStores, type Kind, withStore } from "../stores.fixture.ts";
import { emptyBooks } from "./books.fixture.ts";
import type { Discrepancy } from "./check.ts";
import { lineText } from "./journal-line.ts";
import type { MoneyDesk } from "./money-desk.ts";

const LARGE = 9_007_199_254_740_993n;
const grant = (id: string, amount: bigint, more: Partial<Entry> = {}): Entry => ({
  id,
  kind: "grant",
  account: "user:ann",
  amount,
  held: 0n,
  at: 1,
  description: "Credit",
  ...more,
});
const settlement = (requestId: string, used: bigint, more: Partial<Settlement> = {}): Settlement => ({
  requestId,
  at: 2,
  payer: "user:ann",
  budgets: [],
  used,
  held: used,
  model: "m",
  evidence: "reported",
  promptTokens: 3,
  completionTokens: 4,
  description: "Chat completion with m",
  ...more,
});
const accounts = async (...ids: string[]) => (await books.desk.accountsOf(ids)).map(({ balance, lent }) => [balance, lent]);
const post = (upTo: number, ...settlements: readonly (readonly [line: number, settlement: Settlement])[]) =>
  books.desk.post({ holder: "one", upTo, at: 5, lines: settlements.map(([number, each]) => ({ number, text: lineText({ final: true, settlement: each }) })) });

/** The books the test is about. */
let books: { readonly desk: MoneyDesk };

/** Runs the test over books of their own, by way of the worker that keeps them. */
const within = (kind: Kind, work: () => Promise<void>) =>
  withStore(kind, async (store) => {
    books = { desk: store.money };
    await work();
  });

describeStores("entries", (kind) => {
  test("money is kept to the last nano-dollar, however much it is", () =>
    within(kind, async () => {
      expect(await books.desk.enter(grant("a", LARGE))).toEqual({ account: "user:ann", balance: LARGE, lent: 0n });
      expect(await books.desk.enter(grant("b", -1n, { kind: "adjust", reason: "typo", actor: "key_1" }))).toEqual({
        account: "user:ann",
        balance: LARGE - 1n,
        lent: 0n,
      });
      const [newest, oldest] = await books.desk.entriesOfAccount({ account: "user:ann", limit: 10, offset: 0 });
      expect(newest).toEqual(grant("b", -1n, { kind: "adjust", reason: "typo", actor: "key_1" }));
      expect(oldest?.amount).toBe(LARGE);
      expect(await books.desk.entriesOfAccount({ account: "user:ann", limit: 1, offset: 1 })).toEqual([grant("a", LARGE)]);
    }));

  test("what was entered once is not entered again", () =>
    within(kind, async () => {
      await books.desk.enter(grant("a", 5n));
      expect(await books.desk.enter(grant("a", 5n))).toBeUndefined();
      expect(await accounts("user:ann", "user:nobody")).toEqual([
        [5n, 0n],
        [0n, 0n],
      ]);
    }));
});

describeStores("posting", (kind) => {
  test("takes from whoever pays and from every budget, once for each line", () =>
    within(kind, async () => {
      await books.desk.enter(grant("a", 100n));
      const one = settlement("req_1", 30n, { budgets: ["budget:key:k:day:2026-11-22"], keyId: "k", userId: "ann", priceVersion: "p1" });
      await post(1, [1, one]);
      await post(1, [1, one]);
      await post(3, [1, one], [2, settlement("req_2", 5n, { payer: "house", held: 0n })], [3, settlement("req_3", 7n, { payer: undefined, budgets: ["b"] })]);
      expect(await accounts("user:ann", "budget:key:k:day:2026-11-22", "house", "b")).toEqual([
        [70n, 0n],
        [-30n, 0n],
        [-5n, 0n],
        [-7n, 0n],
      ]);
      const [entry] = await books.desk.entriesOfRequest("req_1");
      expect(entry).toEqual({
        id: "txn_1",
        kind: "capture",
        account: "user:ann",
        amount: -30n,
        held: 30n,
        at: 2,
        description: "Chat completion with m",
        requestId: "req_1",
        keyId: "k",
        userId: "ann",
        teamId: undefined,
        model: "m",
        deployment: undefined,
        priceVersion: "p1",
        evidence: "reported",
        promptTokens: 3,
        completionTokens: 4,
        reason: undefined,
        actor: undefined,
      });
      expect(await books.desk.entriesOfRequest("req_3")).toEqual([]);
    }));

  test("the same request from another journal is not paid for twice", () =>
    within(kind, async () => {
      await post(1, [1, settlement("req_1", 30n)]);
      await books.desk.post({ holder: "two", upTo: 1, at: 5, lines: [{ number: 1, text: lineText({ final: true, settlement: settlement("req_1", 30n) }) }] });
      expect(await accounts("user:ann")).toEqual([[-30n, 0n]]);
    }));

  test("a thousand at once are all there", () =>
    within(kind, async () => {
      await post(1_200, ...Array.from({ length: 1_200 }, (_, index) => [index + 1, settlement(`req_${index}`, BigInt(index))] as const));
      expect(await accounts("user:ann")).toEqual([[-719_400n, 0n]]);
      expect((await books.desk.check()).entries).toBe(1_200);
    }));
});

describeStores("lending", (kind) => {
  const lend = (least: bigint, more: { holder?: string; most?: bigint; ceiling?: bigint; account?: string } = {}) =>
    books.desk.lend({ holder: "one", account: "user:ann", ceiling: 0n, least, ...more });

  test("to one gateway all there is, to several a part of what is left, to none what is not there", () =>
    within(kind, async () => {
      await books.desk.enter(grant("a", 800n));
      expect(await lend(10n, { most: 1_000n })).toEqual({ lent: 100n, elsewhere: 700n });
      expect(await lend(10n, { most: 20n, holder: "two" })).toEqual({ lent: 20n, elsewhere: 780n });
      expect(await lend(681n, { holder: "two" })).toEqual({ lent: 0n, elsewhere: 780n });
      expect(await lend(10n)).toEqual({ lent: 680n, elsewhere: 20n });
      expect(await lend(1n)).toEqual({ lent: 0n, elsewhere: 20n });
      expect(await accounts("user:ann")).toEqual([[800n, 800n]]);
    }));

  test("what is spent comes off the loan; what is given back can be lent again", () =>
    within(kind, async () => {
      await books.desk.enter(grant("a", 100n));
      await lend(1n);
      await post(1, [1, settlement("req_1", 30n)]);
      expect(await accounts("user:ann")).toEqual([[70n, 70n]]);
      await books.desk.takeBack({ account: "user:ann", holder: "one", amount: 50n });
      expect(await lend(1n, { holder: "two" })).toEqual({ lent: 50n, elsewhere: 20n });
      // No more is given back than was lent.
      await books.desk.takeBack({ account: "user:ann", holder: "one", amount: 1_000n });
      await books.desk.takeAllBack("two");
      expect(await accounts("user:ann")).toEqual([[70n, 0n]]);
    }));

  test("more was spent than lent: the rest comes off the account alone", () =>
    within(kind, async () => {
      await books.desk.enter(grant("a", 100n));
      await lend(10n, { most: 10n });
      await post(1, [1, settlement("req_1", 25n)]);
      expect(await accounts("user:ann")).toEqual([[75n, 0n]]);
    }));

  test("a budget lends what is left below its ceiling", () =>
    within(kind, async () => {
      await post(1, [1, settlement("req_1", 30n, { payer: undefined, budgets: ["b"] })]);
      expect(await lend(1n, { account: "b", ceiling: 50n })).toEqual({ lent: 20n, elsewhere: 0n });
    }));

  test("who was silent for too long is given up, and learns of it once", () =>
    within(kind, async () => {
      await books.desk.enter(grant("a", 100n));
      expect(await books.desk.beat({ holder: "one", at: 1_000 })).toBe(true);
      await lend(60n, { most: 60n });
      expect(await books.desk.giveUp({ silentSince: 1_000 })).toEqual([]);
      expect(await books.desk.giveUp({ silentSince: 1_001 })).toEqual(["one"]);
      expect(await books.desk.giveUp({ silentSince: 1_001 })).toEqual([]);
      expect(await accounts("user:ann")).toEqual([[100n, 0n]]);
      expect([await books.desk.beat({ holder: "one", at: 2_000 }), await books.desk.beat({ holder: "one", at: 3_000 })]).toEqual([false, true]);
    }));
});

describeStores("the check", (kind) => {
  test("finds nothing where all is well", () =>
    within(kind, async () => {
      await books.desk.enter(grant("a", 100n));
      await books.desk.lend({ holder: "one", account: "user:ann", ceiling: 0n, least: 1n });
      await post(1, [1, settlement("req_1", 30n, { budgets: ["budget:key:k:total"] })]);
      expect(await books.desk.check()).toEqual({ accounts: 1, entries: 2, granted: 100n, balances: 70n, lent: 70n, discrepancies: [] });
    }));

  test("is of one moment: nothing that is entered meanwhile looks wrong", () =>
    within(kind, async () => {
      let entered = 0;
      let checked = 0;
      const entering = async () => {
        for (; entered < 300 || checked < 3; entered++) await books.desk.enter(grant(`g${entered}`, 1n));
      };
      const checking = async () => {
        for (; checked < 3; checked++) expect((await books.desk.check()).discrepancies).toEqual([]);
      };
      await Promise.all([entering(), checking()]);
      expect(await books.desk.check()).toMatchObject({ entries: entered, balances: BigInt(entered), discrepancies: [] });
    }));
});

describe("the check", () => {
  const balance = (kept: bigint, sum: bigint): Discrepancy => ({ account: "user:ann", what: "balance is not the sum of its entries", kept, sum });
  const lent = (kept: bigint, sum: bigint): Discrepancy => ({ account: "user:ann", what: "lent is not the sum of its loans", kept, sum });
  test.each([
    ["UPDATE accounts SET balance = balance + 1 WHERE id = 'user:ann'", [balance(71n, 70n)]],
    ["DELETE FROM entries WHERE kind = 'capture'", [balance(70n, 100n)]],
    ["UPDATE loans SET amount = 3", [lent(70n, 3n)]],
    ["DELETE FROM accounts", [balance(0n, 70n), lent(0n, 70n)]],
  ] as const)("finds what %p did", async (meddling, found) => {
    const tampered = emptyBooks();
    books = tampered;
    await books.desk.enter(grant("a", 100n));
    await books.desk.lend({ holder: "one", account: "user:ann", ceiling: 0n, least: 1n });
    await post(1, [1, settlement("req_1", 30n)]);
    tampered.run(meddling);
    expect((await books.desk.check()).discrepancies).toEqual([...found]);
    tampered.close();
  });
});
