import type { MoneyDesk as ManagedMoney } from "../admin/money/money.ts";
import type { UserParts } from "../admin/people/users.ts";
import type { Settings } from "../config/schema/schema.ts";
import { type Ledger, openLedger } from "../ledger/ledger.ts";
import { SILENT_FOR } from "../ledger/lending.ts";
import { startJournal } from "../store/journal/journal.ts";
import { journalFolder, journalsIn, leftovers } from "../store/journal/leftovers.ts";
import { bankFor } from "../store/ledger/bank.ts";
import type { MoneyDesk } from "../store/ledger/money-desk.ts";
import type { Log } from "../telemetry/log.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import { type AccountId, userAccount } from "../vocabulary/ledger.ts";
import { systemTimer } from "../vocabulary/timer.ts";
import { enterLeftBehind, enterLeftBehindInTime } from "./left-behind.ts";
import { nightlyCheck } from "./nightly-check.ts";
import { repeatedly } from "./repeatedly.ts";
import type { Replicas } from "./replicas.ts";

/** Where money is kept, and how. */
interface MoneyParts {
  readonly desk: MoneyDesk;
  readonly dataDir: string;
  /** Do other gateways use these books too? */
  readonly shared: boolean;
  /** Settles once the database can be used. */
  readonly ready: Promise<void>;
  readonly settings: () => Settings["billing"];
  readonly replicas: Replicas;
  readonly log: Log;
}

/** The ledger, and who looks into it. */
export interface Money {
  readonly ledger: Ledger;
  /** What users have, in the order of their ids. */
  of: UserParts["moneyOf"];
  /** What callers and management see of it, given who is a user. */
  desk(isUser: ManagedMoney["isUser"]): ManagedMoney;
  /** What was settled is entered, what was lent goes back. What cannot be is left for the next start. */
  close(): Promise<void>;
}

/** Milliseconds between two looks for gateways that have gone silent. */
const LOOK_EVERY = 30_000;

/** Opens the ledger over the books. What a killed process left behind is entered as soon as the database can be used; nobody waits for that. */
export async function openMoney({ desk, dataDir, shared, ready, settings, replicas, log }: MoneyParts): Promise<Money> {
  const journals = journalsIn(dataDir);
  const left = leftovers(journals);
  // With files it takes no time, and the first request shall see the right balance.
  if (!shared) await ready.then(() => enterLeftBehind({ left, desk, log }));
  else void ready.then(() => enterLeftBehindInTime({ left, desk, log }, systemTimer)).catch(() => undefined);
  const holder = crypto.randomUUID();
  const journal = startJournal({ folder: journalFolder(journals, holder), durability: settings().durability });
  const ledger = openLedger({
    bank: bankFor({ desk, holder, shared, now: systemClock.now }),
    lines: journal,
    settings() {
      const { enabled, unpriced, hold_wait } = settings();
      return { enabled, unpriced, holdWait: hold_wait };
    },
    clock: systemClock,
    timer: systemTimer,
  });
  replicas.hear("account", ledger.changed);
  const changed = (account: AccountId) => {
    ledger.changed(account);
    replicas.tell("account", account);
  };
  const stopLooking = repeatedly({
    every: () => (shared ? LOOK_EVERY : 0),
    async work() {
      const lost = await desk.giveUp({ silentSince: systemClock.now() - SILENT_FOR });
      if (lost.length > 0) log.warn("gateways have gone silent: what they were lent is free again", { holders: lost.join(", ") });
    },
    complain: (error) => log.warn("nobody could look for silent gateways", { error }),
  });
  const stopChecking = nightlyCheck(desk, log);
  return {
    ledger,
    async of(userIds) {
      await ledger.flush().catch(() => undefined);
      const accounts = await desk.accountsOf(userIds.map(userAccount));
      return accounts.map(({ account, balance }) => ({ balance, held: ledger.held(account) }));
    },
    desk: (isUser) => ({ ...managed({ ledger, desk, changed }), isUser }),
    async close() {
      stopLooking();
      stopChecking();
      try {
        await ledger.close();
        await journal.close();
        for (const leftover of leftovers(journals)) if (leftover.holder === holder) leftover.remove();
      } catch (error) {
        log.error("not all that was settled could be entered: the next start will", { error });
        await journal.close().catch(() => undefined);
      }
    },
  };
}

interface Managed {
  readonly ledger: Ledger;
  readonly desk: MoneyDesk;
  /** An account was changed in the books: that counts here and at every other gateway from now on. */
  changed(account: AccountId): void;
}

function managed({ ledger, desk, changed }: Managed): Omit<ManagedMoney, "isUser"> {
  const upToDate = async <Result>(read: () => Promise<Result>): Promise<Result> => {
    try {
      await ledger.flush();
      return await read();
    } catch (cause) {
      throw new Failure("overloaded", "The ledger does not answer at the moment. Try again shortly.", { retryAfter: 5, cause });
    }
  };
  return {
    held: ledger.held,
    balance: (account) => upToDate(async () => (await desk.accountsOf([account]))[0]?.balance ?? 0n),
    entries: (page) => upToDate(() => desk.entriesOfAccount(page)),
    ofRequest: (requestId) => upToDate(() => desk.entriesOfRequest(requestId)),
    pricedInBooks: (requestIds) => upToDate(() => desk.pricedInBooks(requestIds)),
    async rerate(reratings) {
      for (const account of await upToDate(() => desk.rerate(reratings))) changed(account);
    },
    check: () => upToDate(desk.check),
    async enter(entry) {
      const account = await upToDate(() => desk.enter(entry));
      changed(entry.account);
      return account?.balance;
    },
  };
}
