import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { emptyBooks } from "../store/ledger/books.fixture.ts";
import type { Budget } from "../vocabulary/bounds.ts";
import { asked, gatewayOver, grant, reservation, spent, turns } from "./gateways.fixture.ts";

let books: ReturnType<typeof emptyBooks>;
beforeEach(() => {
  books = emptyBooks();
});
afterEach(() => books.close());

const balance = async (account = "user:ann") => (await books.desk.accountsOf([account]))[0]?.balance;
const budgetOf = (amount: bigint, window: Budget["window"] = "day") => [{ scope: "key", id: "k", budgets: [{ amount, window }] }] as const;

describe.each([false, true])("shared: %p", (shared) => {
  test("of two hundred at once, each using its bound, a balance worth three serves three", async () => {
    await grant(books.desk, 3_000n, "g");
    const { ledger } = gatewayOver(books.desk, { shared });
    const all = Array.from({ length: 200 }, (_, index) => asked(ledger, reservation(`r${index}`, 1_000n)));
    await turns();
    expect(all.filter(({ hold }) => hold !== undefined).length).toBe(3);
    for (const { hold } of all) await hold?.settle(spent(1_000n));
    await turns();
    expect(all.filter(({ hold }) => hold !== undefined).length).toBe(3);
    expect(all.flatMap(({ failure }) => failure?.kind ?? []).filter((kind) => kind === "quota-exhausted").length).toBe(197);
    expect(ledger.held("user:ann")).toBe(0n);
    await ledger.close();
    expect(await balance()).toBe(0n);
  });

  test("who only needs the holds of others to end is served when they do, in order", async () => {
    await grant(books.desk, 1_000n, "g");
    const { ledger } = gatewayOver(books.desk, { shared });
    const all = Array.from({ length: 100 }, (_, index) => asked(ledger, reservation(`r${index}`, 600n)));
    await turns();
    for (const [index, each] of all.entries()) {
      expect([index, each.hold !== undefined, all[index + 1]?.hold !== undefined]).toEqual([index, true, false]);
      await each.hold?.settle(spent(1n));
      await turns(6);
    }
    await ledger.close();
    expect(await balance()).toBe(900n);
  });
});

describe("holds", () => {
  test("what is refused names the purse, what is left and what was asked", async () => {
    await grant(books.desk, 500_000_000n, "g");
    const { ledger } = gatewayOver(books.desk);
    const one = asked(ledger, reservation("r", 1_000_000_000n));
    await turns();
    expect(one.failure?.kind).toBe("quota-exhausted");
    expect(one.failure?.message).toBe("The balance of user ann has 0.5 USD left, and this request may cost up to 1 USD. A smaller max_tokens would cost less.");
  });

  test("whoever waits in vain is told to come back", async () => {
    await grant(books.desk, 1_000n, "g");
    const { ledger, hands } = gatewayOver(books.desk, { holdWait: 2_000 });
    const [first, second] = [asked(ledger, reservation("a", 900n)), asked(ledger, reservation("b", 900n))];
    await turns();
    hands.turnTo(2_000);
    await turns();
    expect([first.hold !== undefined, second.failure?.kind, second.failure?.facts.retryAfter]).toEqual([true, "rate-limited", 2]);
    first.hold?.release();
    const third = asked(ledger, reservation("c", 900n));
    expect(third.hold !== undefined).toBe(true);
  });

  test("who leaves while waiting makes room in line", async () => {
    await grant(books.desk, 1_000n, "g");
    const { ledger } = gatewayOver(books.desk);
    const first = asked(ledger, reservation("a", 900n));
    let leave: ((reason: never) => void) | undefined;
    const second = asked(ledger, reservation("b", 900n, { onCallOff: (then) => (leave = then as typeof leave) }));
    const third = asked(ledger, reservation("c", 50n));
    await turns();
    // It came later, and would have fitted: nobody overtakes.
    expect(third.hold).toBeUndefined();
    leave?.(new Error("left") as never);
    await turns();
    expect([second.failure?.message, third.hold !== undefined, first.hold !== undefined]).toEqual(["left", true, true]);
  });

  test("an answer that took more than its hold is paid in full, and says so", async () => {
    await grant(books.desk, 1_000n, "g");
    const { ledger } = gatewayOver(books.desk);
    const one = asked(ledger, reservation("req_a", 100n));
    await turns();
    await one.hold?.settle(spent(150n));
    await ledger.flush();
    const entries = await books.desk.entriesOfRequest("req_a");
    expect(entries.map(({ id, kind, amount, held }) => [id, kind, amount, held])).toEqual([
      ["txn_a", "capture", -100n, 100n],
      ["txn_ao", "overdraft", -50n, 0n],
    ]);
    expect(await balance()).toBe(850n);
  });

  test("a hold can grow while there is something free, and ends once", async () => {
    await grant(books.desk, 1_000n, "g");
    const { ledger } = gatewayOver(books.desk);
    const { hold } = await settled(ledger, reservation("a", 400n));
    expect([hold?.extend(500n), hold?.amount, hold?.extend(200n), hold?.amount]).toEqual([true, 900n, false, 900n]);
    hold?.release();
    hold?.release();
    await hold?.settle(spent(7n));
    expect(ledger.held("user:ann")).toBe(0n);
    await ledger.close();
    expect(await balance()).toBe(1_000n);
  });

  const settled = async (ledger: ReturnType<typeof gatewayOver>["ledger"], request: ReturnType<typeof reservation>) => {
    const one = asked(ledger, request);
    await turns();
    return one;
  };

  test("without a price nothing is held; where that is denied it is refused", async () => {
    const allowing = gatewayOver(books.desk);
    expect((await settled(allowing.ledger, reservation("a", undefined))).hold?.amount).toBe(0n);
    const denying = gatewayOver(books.desk, { unpriced: "deny" });
    expect((await settled(denying.ledger, reservation("b", undefined))).failure?.kind).toBe("quota-exhausted");
    // Nobody keeps count of the house's money.
    expect((await settled(denying.ledger, reservation("c", undefined, { userId: undefined }))).hold?.amount).toBe(0n);
  });

  test("where balances are not enforced only budgets are counted", () => {
    const { ledger } = gatewayOver(books.desk, { enabled: false });
    expect([ledger.counts({ userId: "ann" }), ledger.counts({ bounds: [{ scope: "key", id: "k" }] }), ledger.counts({ bounds: budgetOf(1n) })]).toEqual([
      false,
      false,
      true,
    ]);
  });

  test("nobody is served on credit of a journal that cannot be written", () => {
    const { ledger, breakJournal } = gatewayOver(books.desk);
    breakJournal();
    expect(asked(ledger, reservation("a", 1n)).failure?.kind).toBe("overloaded");
  });
});

describe("several purses", () => {
  test("a balance and a budget are held together or not at all", async () => {
    await grant(books.desk, 1_000n, "g");
    const { ledger } = gatewayOver(books.desk);
    const bounds = budgetOf(300n);
    const [one, two] = [asked(ledger, reservation("a", 200n, { bounds })), asked(ledger, reservation("b", 400n, { bounds }))];
    await turns();
    expect([one.hold !== undefined, two.failure?.kind]).toEqual([true, "quota-exhausted"]);
    expect(two.failure?.message).toContain("The daily budget of 0.0000003 USD of key k has");
    expect(two.failure?.message).toContain("It begins anew at 2001-09-10T00:00:00.000Z.");
    expect(ledger.held("user:ann")).toBe(200n);
    await one.hold?.settle(spent(150n));
    await ledger.flush();
    expect([await balance(), await balance("budget:key:k:day:2001-09-09")]).toEqual([850n, -150n]);
  });

  test("a budget is the sum of its span, and begins anew with the next", async () => {
    const { ledger, hands } = gatewayOver(books.desk, { enabled: false });
    const bounds = budgetOf(300n, "hour");
    const one = asked(ledger, reservation("a", 300n, { bounds }));
    await turns();
    await one.hold?.settle(spent(300n));
    const two = asked(ledger, reservation("b", 300n, { bounds }));
    await turns();
    expect(two.failure?.kind).toBe("quota-exhausted");
    hands.turnTo(3_600_000);
    await turns();
    const three = asked(ledger, reservation("c", 300n, { bounds }));
    await turns();
    expect(three.hold !== undefined).toBe(true);
  });

  test("a budget that is changed counts from where it was", async () => {
    const { ledger } = gatewayOver(books.desk, { enabled: false });
    const one = asked(ledger, reservation("a", 200n, { bounds: budgetOf(300n) }));
    await turns();
    await one.hold?.settle(spent(200n));
    const less = asked(ledger, reservation("b", 50n, { bounds: budgetOf(220n) }));
    await turns();
    const more = asked(ledger, reservation("c", 50n, { bounds: budgetOf(260n) }));
    await turns();
    expect([less.failure?.kind, more.hold !== undefined]).toEqual(["quota-exhausted", true]);
  });
});

describe("management", () => {
  test("credit lets those in that were refused, and a debit takes what is not held", async () => {
    const { ledger } = gatewayOver(books.desk);
    const poor = asked(ledger, reservation("a", 10n));
    await turns();
    expect(poor.failure?.kind).toBe("quota-exhausted");
    await grant(books.desk, 100n, "g");
    ledger.changed("user:ann");
    const rich = asked(ledger, reservation("b", 60n));
    await turns();
    expect(rich.hold !== undefined).toBe(true);
    await grant(books.desk, -30n, "d");
    ledger.changed("user:ann");
    const poorer = asked(ledger, reservation("c", 20n));
    await turns();
    // Ten are left beside the sixty that are held; the rest of those may still come back.
    expect(poorer.failure ?? poorer.hold).toBeUndefined();
    rich.hold?.release();
    await turns();
    expect(poorer.hold !== undefined).toBe(true);
  });
});

test("who waits for what another gateway holds asks anew while it does, though a timer calls a moment too early", async () => {
  await grant(books.desk, 1_000n, "g");
  const holding = gatewayOver(books.desk, { shared: true });
  const asking = gatewayOver(books.desk, { shared: true, early: 1 });
  const held = asked(holding.ledger, reservation("a", 600n));
  await turns();
  const waiting = asked(asking.ledger, reservation("b", 600n));
  await turns();
  expect([held.hold !== undefined, waiting]).toEqual([true, { hold: undefined, failure: undefined }]);
  await held.hold?.settle(spent(600n));
  await holding.ledger.flush();
  asking.hands.turnTo(60);
  await turns();
  expect(waiting.failure?.kind).toBe("quota-exhausted");
});

describe("a gateway that is killed", () => {
  test("what it had settled is entered once, what it was answering is paid as far as it had come, the rest is free", async () => {
    await grant(books.desk, 1_000n, "g");
    const first = gatewayOver(books.desk);
    const [settled, noted, silent] = ["a", "b", "c"].map((id) => asked(first.ledger, reservation(id, 100n)));
    await turns();
    await settled?.hold?.settle(spent(40n));
    noted?.hold?.note(spent(10n));
    noted?.hold?.note(spent(25n, { evidence: "counted" }));
    expect(silent?.hold !== undefined).toBe(true);
    await first.crash();
    await first.crash();
    expect(await balance()).toBe(1_000n - 40n - 25n);
    const second = gatewayOver(books.desk);
    const all = asked(second.ledger, reservation("d", 935n));
    await turns();
    expect(all.hold !== undefined).toBe(true);
  });

  test("others get what it was lent once it has been silent for long, and it notices", async () => {
    await grant(books.desk, 1_000n, "g");
    const lost = gatewayOver(books.desk, { shared: true });
    const held = asked(lost.ledger, reservation("a", 800n));
    await turns();
    const other = gatewayOver(books.desk, { shared: true });
    const early = asked(other.ledger, reservation("b", 800n));
    await turns();
    expect([held.hold !== undefined, early.hold]).toEqual([true, undefined]);
    await books.desk.beat({ holder: "nobody", at: lost.hands.epoch + 500_000 });
    await books.desk.giveUp({ silentSince: lost.hands.epoch + 400_000 });
    other.hands.turnTo(60);
    await turns();
    expect(early.hold !== undefined).toBe(true);
    lost.hands.turnTo(5_000);
    await turns();
    const late = asked(lost.ledger, reservation("c", 300n));
    await turns();
    expect(late.hold).toBeUndefined();
  });
});
