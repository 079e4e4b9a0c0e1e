import { type Ledger, type LedgerSettings, openLedger } from "../../src/ledger/ledger.ts";
import { bankFor } from "../../src/store/ledger/bank.ts";
import { emptyBooks } from "../../src/store/ledger/books.fixture.ts";
import type { MoneyDesk } from "../../src/store/ledger/money-desk.ts";
import { systemClock } from "../../src/vocabulary/clock.ts";
import type { Entry } from "../../src/vocabulary/ledger.ts";
import type { Nano } from "../../src/vocabulary/money.ts";
import { systemTimer } from "../../src/vocabulary/timer.ts";

/** Real books in memory, and a gateway's ledger over them. */
export interface TestMoney {
  readonly ledger: Ledger;
  readonly desk: MoneyDesk;
  grant(account: string, amount: Nano): Promise<void>;
  /** Of this account, after everything settled so far was entered; newest first. */
  entries(account?: string): Promise<readonly Entry[]>;
  balance(account?: string): Promise<Nano>;
  /** From now on nothing becomes durable, until what it gives is called. */
  stallJournal(): () => void;
  close(): Promise<void>;
}

export function testMoney(settings: Partial<LedgerSettings> = {}): TestMoney {
  const { desk, close } = emptyBooks();
  let lines = 0;
  let stalled: PromiseWithResolvers<void> | undefined;
  let grants = 0;
  const ledger = openLedger({
    bank: bankFor({ desk, holder: "test", shared: false, now: Date.now }),
    lines: { append: () => ++lines, durable: () => stalled?.promise ?? Promise.resolve(), forget: () => undefined, trouble: () => undefined },
    settings: () => ({ enabled: true, unpriced: "allow", holdWait: 5_000, ...settings }),
    clock: systemClock,
    timer: systemTimer,
  });
  return {
    ledger,
    desk,
    async grant(account, amount) {
      await desk.enter({ id: `grant ${++grants}`, kind: "grant", account, amount, held: 0n, at: Date.now(), description: "Credit" });
      ledger.changed(account);
    },
    async entries(account = "user:ann") {
      await ledger.flush();
      return desk.entriesOfAccount({ account, limit: 1_000, offset: 0 });
    },
    async balance(account = "user:ann") {
      await ledger.flush();
      const [state] = await desk.accountsOf([account]);
      return state?.balance ?? 0n;
    },
    stallJournal() {
      stalled = Promise.withResolvers();
      return () => {
        stalled?.resolve();
        stalled = undefined;
      };
    },
    async close() {
      await ledger.close();
      close();
    },
  };
}
