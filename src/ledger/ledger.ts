import type { Journal } from "../store/journal/journal.ts";
import type { Bank } from "../store/ledger/bank.ts";
import type { Clock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import { type AccountId, HOUSE, userAccount } from "../vocabulary/ledger.ts";
import type { Nano } from "../vocabulary/money.ts";
import type { Timer } from "../vocabulary/timer.ts";
import { type Hold, PurseHold } from "./hold.ts";
import { heldAtOnce, heldInTime, type Patience } from "./holding.ts";
import { Lending } from "./lending.ts";
import { Poster } from "./poster.ts";
import type { Purse } from "./purse.ts";
import { type Payer, Purses } from "./purses.ts";
import { impatienceOf, refusalOf } from "./refusals.ts";

/** A request that is to be paid for. */
export interface Reservation extends Payer {
  readonly requestId: string;
  readonly keyId?: string;
  readonly teamId?: string;
  /** The most it can cost; absent: its price is not known. */
  readonly bound: Nano | undefined;
  /** Calls back when whoever asks does so no more. */
  onCallOff(then: (reason: Failure) => void): void;
}

export interface LedgerSettings {
  /** Are balances enforced? Budgets always are. */
  readonly enabled: boolean;
  /** What of requests whose price nobody knows, where money is kept count of? */
  readonly unpriced: "allow" | "deny";
  /** Longest wait for the holds of others to end. Milliseconds. */
  readonly holdWait: number;
}

export interface Ledger {
  /** Does anybody keep count of this payer's money? */
  counts(payer: Payer): boolean;
  /**
   * Sets aside what a request can cost at most, on its payer's balance and on every budget at once: at once where that is free, else as soon as
   * it is. Throws or rejects with `quota-exhausted` when a balance or budget cannot cover it, with `rate-limited` when the holds of others kept
   * it waiting for too long, with `overloaded` when nobody knows.
   */
  reserve(request: Reservation): Hold | Promise<Hold>;
  /** An account was changed by others than us: what we were lent of it goes back, and we ask anew. */
  changed(account: AccountId): void;
  /** What is held here of an account. */
  held(account: AccountId): Nano;
  /** Why nobody is served whose money is counted, for the operator. */
  trouble(): string | undefined;
  /** What waits for the database, for the operator: everybody who has money here is served all the same. */
  backlog(): string | undefined;
  /** Everything settled so far is in the books. Rejects when the database is away. */
  flush(): Promise<void>;
  /** Ends: what was settled is entered if it can be, and what was lent goes back. */
  close(): Promise<void>;
}

export interface LedgerParts {
  readonly bank: Bank;
  readonly lines: Omit<Journal, "close">;
  readonly settings: () => LedgerSettings;
  readonly clock: Clock;
  readonly timer: Timer;
}

/** So many settlements may wait for a database that is away; past that nobody is served on credit of the journal. */
const MOST_WAITING = 200_000;

/** The ledger of this gateway: who may spend what, decided here and now from what the database has lent us. */
export function openLedger({ bank, lines, settings, clock, timer }: LedgerParts): Ledger {
  const poster = new Poster({ lines, bank, timer });
  const lending = new Lending({ bank, poster, clock, timer });
  const purses = new Purses(clock, (purse) => lending.surrender(purse));
  lending.watch(purses);
  const till = {
    note: poster.note.bind(poster),
    settle: poster.settle.bind(poster),
    freed: (purse: Purse) => lending.freed(purse),
  };

  const inTime = (wanted: { readonly purses: readonly Purse[]; readonly amount: Nano }, request: Reservation): Promise<void> => {
    const longest = settings().holdWait;
    const patience: Patience = {
      refill: (purse, least) => lending.refill(purse, least),
      isDry: (purse, more) => lending.isDry(purse, more),
      refusal: (purse, amount) => refusalOf(purse, amount, clock.now()),
      impatience: (purse, amount) => impatienceOf(purse, amount, longest),
      longest,
      timer,
      onCallOff: (then) => request.onCallOff(then),
    };
    return heldInTime(wanted, patience);
  };

  const backlog = () => (poster.trouble === undefined ? undefined : `${poster.waiting} settlements wait for the ledger's database: ${poster.trouble}`);

  return {
    counts: ({ bounds }) => settings().enabled || (bounds?.some(({ budgets }) => budgets !== undefined && budgets.length > 0) ?? false),
    reserve(request) {
      const { enabled, unpriced } = settings();
      const drawn = purses.of(request, enabled);
      if (lines.trouble() !== undefined) throw new Failure("overloaded", "What is spent cannot be written down now. Try again shortly.", { retryAfter: 5 });
      if (poster.waiting > MOST_WAITING)
        throw new Failure("overloaded", "The ledger does not keep up with what is spent: its database is away or too slow. Try again shortly.", {
          retryAfter: 5,
        });
      if (drawn.length > 0 && !lending.isOurs())
        throw new Failure("overloaded", "The ledger's database has not answered for so long that balances may have changed. Try again shortly.", {
          retryAfter: 5,
        });
      if (request.bound === undefined && unpriced === "deny" && drawn.length > 0)
        throw new Failure("quota-exhausted", "Nobody knows what this model costs, and billing.unpriced denies such requests where money is counted.");
      const amount = request.bound ?? 0n;
      const { requestId, keyId, userId, teamId } = request;
      const payer = !enabled ? undefined : userId === undefined ? HOUSE : userAccount(userId);
      const hold = () => new PurseHold({ requestId, keyId, userId, teamId, payer, purses: drawn, amount }, till);
      const wanted = { purses: drawn, amount };
      if (heldAtOnce(wanted)) return hold();
      return inTime(wanted, request).then(hold);
    },
    changed(account) {
      const purse = purses.find(account);
      if (purse !== undefined) lending.surrender(purse);
    },
    held: (account) => purses.find(account)?.held ?? 0n,
    trouble: () => lines.trouble() ?? (poster.waiting > MOST_WAITING ? backlog() : undefined),
    backlog,
    flush: () => poster.flush(),
    async close() {
      lending.stop();
      await poster.flush();
      await bank.leave();
    },
  };
}
