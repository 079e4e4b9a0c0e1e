import { expect, test } from "bun:test";
import { emptyBooks } from "../store/ledger/books.fixture.ts";
import { lineText } from "../store/ledger/journal-line.ts";
import type { MoneyDesk } from "../store/ledger/money-desk.ts";
import type { Timer } from "../vocabulary/timer.ts";
import { enterLeftBehindInTime } from "./left-behind.ts";

const settled = (requestId: string) =>
  lineText({
    final: true,
    settlement: {
      requestId,
      at: 0,
      payer: "user:ann",
      userId: "ann",
      model: "m",
      budgets: [],
      held: 10n,
      used: 10n,
      evidence: "reported",
      promptTokens: 1,
      completionTokens: 1,
      description: "Chat completion with m",
    },
  });

test("what killed gateways left is entered once, though the database goes away in the middle of it", async () => {
  const { desk, close } = emptyBooks();
  const removed: string[] = [];
  const told: string[] = [];
  const left = ["first", "second"].map((holder) => ({
    holder,
    read: () => [{ first: 1, lines: [settled(`of ${holder}`)] }],
    remove: () => void removed.push(holder),
  }));
  let calls = 0;
  // Each is away at first, and the second once more when what it had settled is entered already.
  const unlessAway = <Result>(work: () => Promise<Result>): Promise<Result> => ([1, 4, 6].includes(++calls) ? Promise.reject(new Error("away")) : work());
  const flaky: Pick<MoneyDesk, "post" | "takeAllBack"> = {
    post: (posting) => unlessAway(() => desk.post(posting)),
    takeAllBack: (holder) => unlessAway(() => desk.takeAllBack(holder)),
  };
  const atOnce: Timer = (_milliseconds, then) => {
    queueMicrotask(then);
    return () => undefined;
  };
  const log = { info: (text: string) => void told.push(`info ${text}`), error: (text: string) => void told.push(`error ${text}`) };
  await enterLeftBehindInTime({ left, desk: flaky, log }, atOnce);
  expect(removed).toEqual(["first", "second"]);
  expect((await desk.accountsOf(["user:ann"]))[0]?.balance).toBe(-20n);
  expect(told.map((text) => text.split(" ")[0])).toEqual(["error", "info", "info"]);
  close();
});
