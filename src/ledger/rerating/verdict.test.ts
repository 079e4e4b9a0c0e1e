import { describe, expect, test } from "bun:test";
import type { RequestSummary } from "../../store/requests/request-queries.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { leftUnpriced, type Repriced, verdictOn } from "./verdict.ts";

const row = (more: Partial<RequestSummary>): RequestSummary => ({
  id: "req_1",
  startedAt: 1,
  operation: "chat",
  dialect: "openai-chat",
  model: "m",
  stream: false,
  status: 200,
  outcome: "ok",
  usage: usageOf({ input: 1 }),
  totalMs: 1,
  cost: 10n,
  charge: 20n,
  priceVersion: "old",
  accounts: ["user:ann"],
  ...more,
});
const NOTHING = { cost: undefined, charge: undefined, accounts: undefined };
const UNKNOWN: Repriced = { cost: undefined, charge: undefined, priceVersion: undefined };
const NEW: Repriced = { cost: 11n, charge: 22n, priceVersion: "new" };

describe("whether there is a price to put right", () => {
  test.each([
    ["of what was answered", {}, undefined],
    ["of what nobody knew a price of", NOTHING, undefined],
    ["of what broke off and was charged", { outcome: "client-left" }, undefined],
    ["of what broke off and was to be paid, had there been a price", { ...NOTHING, outcome: "client-left", accounts: ["house"] }, undefined],
    ["not of what broke off and was free", { ...NOTHING, outcome: "client-left" }, "not_charged"],
    ["not of what failed", { ...NOTHING, outcome: "failed", usage: undefined }, "no_usage"],
    ["not of what a cache answered", { cache: "semantic", charge: 2n }, "from_cache"],
    ["but of what it did not", { cache: "miss" }, undefined],
  ] as const)("%s", (_name, more, left) => {
    expect(leftUnpriced(row(more))).toBe(left);
  });
});

describe("what becomes of a request", () => {
  const verdict = (more: Partial<RequestSummary>, repriced: Repriced, { inBooks, refunded = false }: { inBooks?: bigint; refunded?: boolean } = {}) => {
    const { left, cost, charge, priceVersion, rowChanges, booksChange } = verdictOn({ row: row(more), inBooks, refunded }, repriced);
    return [cost, charge, priceVersion, rowChanges ? "row" : "", booksChange ? "books" : "", left];
  };
  test.each([
    ["it costs and is charged otherwise", {}, NEW, {}, [11n, 22n, "new", "row", "books", undefined]],
    ["it stays what it was", {}, { ...NEW, cost: 10n, charge: 20n }, {}, [10n, 20n, "old", "", "", undefined]],
    ["only the house pays otherwise", {}, { ...NEW, charge: 20n }, {}, [11n, 20n, "old", "row", "", undefined]],
    ["nobody kept count of it", { accounts: undefined }, NEW, {}, [11n, 22n, "new", "row", "", undefined]],
    ["its price is known at last", { ...NOTHING, accounts: ["budget:key:k:total"] }, NEW, {}, [11n, 22n, "new", "row", "books", undefined]],
    ["it turns out to be free", NOTHING, { cost: 0n, charge: 0n, priceVersion: "free" }, {}, [0n, 0n, "free", "row", "", undefined]],
    ["nobody knows its price any more", {}, UNKNOWN, {}, [10n, 20n, "old", "", "", undefined]],
    ["the books know already, the row does not", {}, NEW, { inBooks: 22n }, [11n, 22n, "new", "row", "", undefined]],
    ["the books know what nobody else does any more", {}, UNKNOWN, { inBooks: 22n }, [10n, 22n, "old", "row", "", undefined]],
    ["the books were ahead, and it goes back", {}, { ...NEW, cost: 10n, charge: 20n }, { inBooks: 22n }, [10n, 20n, "old", "", "books", undefined]],
    ["it was paid back", {}, NEW, { refunded: true }, [11n, 20n, "old", "row", "", "refunded"]],
    ["it was paid back, and is charged the same", {}, { ...NEW, charge: 20n }, { refunded: true }, [11n, 20n, "old", "row", "", undefined]],
  ] as const)("%s", (_name, more, repriced, facts, told) => {
    expect(verdict(more, repriced, facts)).toEqual([...told]);
  });
});
