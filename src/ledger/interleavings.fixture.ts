import assert from "node:assert/strict";
import fc from "fast-check";
import { emptyBooks } from "../store/ledger/books.fixture.ts";
import type { Nano } from "../vocabulary/money.ts";
import { type Asked, asked, gatewayOver, grant, reservation, spent, type TestGateway, turns } from "./gateways.fixture.ts";

/** What may happen, to whichever gateway and request the numbers choose. */
export type Step =
  | { readonly do: "reserve"; readonly at: number; readonly bound: number; readonly budget: boolean }
  | { readonly do: "settle"; readonly which: number; readonly part: number }
  | { readonly do: "note"; readonly which: number; readonly part: number }
  | { readonly do: "release"; readonly which: number }
  | { readonly do: "extend"; readonly which: number; readonly by: number }
  | { readonly do: "credit"; readonly amount: number }
  | { readonly do: "refund"; readonly which: number }
  | { readonly do: "wait"; readonly at: number; readonly milliseconds: number }
  | { readonly do: "crash"; readonly at: number }
  | { readonly do: "breathe" };

export const steps = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant("reserve" as const), at: fc.nat(2), bound: fc.integer({ min: 1, max: 60 }), budget: fc.boolean() }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant("settle" as const), which: fc.nat(30), part: fc.constantFrom(0, 10, 50, 100, 130) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("note" as const), which: fc.nat(30), part: fc.integer({ min: 0, max: 100 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat(30) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("extend" as const), which: fc.nat(30), by: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("credit" as const), amount: fc.integer({ min: 1, max: 100 }) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("refund" as const), which: fc.nat(30) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), at: fc.nat(2), milliseconds: fc.constantFrom(50, 200, 1_000, 11_000, 70_000) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("crash" as const), at: fc.nat(2) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("breathe" as const) }) },
  ),
  { minLength: 5, maxLength: 60 },
);

const BUDGET = 150n;
const bounds = [{ scope: "team", id: "t", budgets: [{ amount: BUDGET, window: "total" }] }] as const;

/** A request that was let in, and what has come of it. */
interface Open {
  readonly id: string;
  readonly gateway: TestGateway;
  readonly asked: Asked;
  readonly budget: boolean;
  noted: Nano;
  over: boolean;
}

/** What was played: requests that asked for a hold, and those that got one. */
export interface Played {
  readonly asked: number;
  readonly held: number;
}

/** Plays the steps on so many gateways over one database, and holds every sum against a plain reckoning beside it. */
export async function play(plan: readonly Step[], gateways: number): Promise<Played> {
  const books = emptyBooks();
  const { desk } = books;
  const shared = gateways > 1;
  const alive = Array.from({ length: gateways }, () => gatewayOver(desk, { shared, holdWait: 5_000 }));
  const open: Open[] = [];
  let granted = 200n;
  let captured = 0n;
  let ofBudget = 0n;
  /** What answers took beyond their holds: the one way past what was granted. */
  let overdrawn = 0n;
  let names = 0;
  await grant(desk, granted, "first");
  const at = (index: number) => index % gateways;
  const chosen = (which: number) => open.filter((each) => each.asked.hold !== undefined && !each.over)[which % 8];
  const paid = (one: Open, amount: Nano) => {
    one.over = true;
    captured += amount;
    if (one.budget) ofBudget += amount;
  };
  const heldOf = (some: readonly Open[]) => some.reduce((sum, { asked: { hold }, over }) => sum + (over ? 0n : (hold?.amount ?? 0n)), 0n);
  const check = () => {
    assert.ok(captured + heldOf(open) <= granted + overdrawn);
    assert.ok(ofBudget + heldOf(open.filter(({ budget }) => budget)) <= BUDGET + overdrawn);
  };
  for (const step of plan) {
    switch (step.do) {
      case "reserve": {
        const gateway = alive[at(step.at)] as TestGateway;
        const id = `req_${++names}`;
        const request = reservation(id, BigInt(step.bound), step.budget ? { bounds } : {});
        open.push({ id, gateway, asked: asked(gateway.ledger, request), budget: step.budget, noted: 0n, over: false });
        break;
      }
      case "settle": {
        const one = chosen(step.which);
        const used = ((one?.asked.hold?.amount ?? 0n) * BigInt(step.part)) / 100n;
        if (one === undefined) break;
        if (step.part > 100) overdrawn += used - (one.asked.hold?.amount ?? 0n);
        one.asked.hold?.settle(spent(used));
        paid(one, used);
        break;
      }
      case "note": {
        const one = chosen(step.which);
        if (one === undefined) break;
        one.noted = ((one.asked.hold?.amount ?? 0n) * BigInt(step.part)) / 100n || one.noted;
        one.asked.hold?.note(spent(one.noted));
        break;
      }
      case "release": {
        const one = chosen(step.which);
        // What was noted only counts if the process dies.
        if (one?.noted !== 0n) break;
        one.asked.hold?.release();
        paid(one, 0n);
        break;
      }
      case "extend":
        chosen(step.which)?.asked.hold?.extend(BigInt(step.by));
        break;
      case "credit":
        granted += BigInt(step.amount);
        await grant(desk, BigInt(step.amount), `credit ${++names}`);
        for (const { ledger } of alive) ledger.changed("user:ann");
        break;
      case "refund": {
        const one = open.filter(({ over }) => over)[step.which % 8];
        if (one === undefined) break;
        const entry = { id: `txn_${one.id}r`, kind: "refund", account: "user:ann", amount: 5n, held: 0n, at: 0, description: "Refund" } as const;
        // Once, however often it is asked for.
        if ((await desk.enter(entry)) !== undefined) granted += 5n;
        break;
      }
      case "wait": {
        const { hands } = alive[at(step.at)] as TestGateway;
        hands.turnTo(hands.clock.elapsed() + step.milliseconds);
        break;
      }
      case "crash": {
        const index = at(step.at);
        const dead = alive[index] as TestGateway;
        await dead.crash();
        for (const one of open) if (one.gateway === dead && !one.over) paid(one, one.noted);
        alive[index] = gatewayOver(desk, { shared, holdWait: 5_000 });
        break;
      }
      case "breathe":
        await turns(4);
    }
    check();
  }
  await turns();
  for (const one of open) {
    if (one.over) continue;
    one.asked.hold?.settle(spent(one.noted));
    if (one.asked.hold !== undefined) paid(one, one.noted);
    await turns(3);
    // Whoever had been waiting is let in now, and has to be paid for too.
    check();
  }
  // Long enough for all who waited to have gone, and for what nobody uses to go back.
  await quietMinute(alive);
  for (const one of open) if (one.asked.hold !== undefined && !one.over) await one.asked.hold.settle(spent(0n));
  await quietMinute(alive);
  const left = granted - captured;
  if (left > 0n) {
    const all = asked((alive[0] as TestGateway).ledger, reservation("req_all", left));
    await turns();
    assert.deepEqual([all.hold?.amount, all.failure], [left, undefined]);
    all.hold?.release();
  }
  for (const { ledger } of alive) {
    assert.equal(ledger.held("user:ann"), 0n);
    await ledger.close();
  }
  const [user, budget] = await desk.accountsOf(["user:ann", "budget:team:t:total"]);
  assert.deepEqual(user, { account: "user:ann", balance: granted - captured, lent: 0n });
  assert.deepEqual(budget, { account: "budget:team:t:total", balance: -ofBudget, lent: 0n });
  const entries = await desk.entriesOfAccount({ account: "user:ann", limit: 10_000, offset: 0 });
  assert.deepEqual(
    entries.reduce((sum, { amount }) => sum + amount, 0n),
    granted - captured,
  );
  books.close();
  return { asked: open.length, held: open.filter(({ asked: { hold } }) => hold !== undefined).length };
}

/** A little more than one, in steps in which everything gets done that is due. */
async function quietMinute(gateways: readonly TestGateway[]): Promise<void> {
  for (let passed = 0; passed < 72_000; passed += 6_000) {
    for (const { hands } of gateways) hands.turnTo(hands.clock.elapsed() + 6_000);
    await turns(3);
  }
}
