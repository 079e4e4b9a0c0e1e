import { expect, test } from "bun:test";
import type { Discrepancy } from "../store/ledger/check.ts";
import { nightlyCheck } from "./nightly-check.ts";

const HOUR = 3_600_000;
const report = (...discrepancies: Discrepancy[]) => ({ accounts: 2, entries: 7, granted: 10n, balances: 4n, lent: 0n, discrepancies });
const odd: Discrepancy = { account: "user:ann", what: "balance is not the sum of its entries", kept: 1_500_000_000n, sum: 1_000_000_000n };

test("the books are added up an hour after the start and every day; what does not agree is named, and a failure is not the last time", async () => {
  const answers = [async () => report(), async () => report(odd, { ...odd, account: "house" }), () => Promise.reject(new Error("away")), async () => report()];
  const [said, waits]: [unknown[], number[]] = [[], []];
  const keep = (level: string) => (message: string, fields?: object) => void said.push([level, message, fields]);
  let due = () => {};
  const timer = (milliseconds: number, call: () => void) => {
    waits.push(milliseconds);
    due = call;
    return () => {
      due = () => {};
    };
  };
  const stop = nightlyCheck(
    { check: () => answers.shift()?.() ?? Promise.reject(new Error("once too often")) },
    { info: keep("info"), warn: keep("warn"), error: keep("error") },
    timer,
  );
  for (let day = 0; day < 4; day++) {
    due();
    await new Promise((resolve) => setImmediate(resolve));
  }
  stop();
  due();
  const words = "the books do not agree: signalbox doctor tells more";
  expect(waits).toEqual([HOUR, ...Array.from({ length: 4 }, () => 24 * HOUR)]);
  expect(said).toEqual([
    ["info", "the books agree", { accounts: 2, entries: 7 }],
    ["error", words, { account: "user:ann", what: odd.what, kept: "1.5", sum: "1" }],
    ["error", words, { account: "house", what: odd.what, kept: "1.5", sum: "1" }],
    ["warn", "the books could not be added up", { error: new Error("away") }],
    ["info", "the books agree", { accounts: 2, entries: 7 }],
  ]);
});
