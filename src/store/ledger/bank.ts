import type { AccountId, Loan, LoanRequest } from "../../vocabulary/ledger.ts";
import type { Nano } from "../../vocabulary/money.ts";
import type { NumberedLine } from "./journal-line.ts";
import type { MoneyDesk } from "./money-desk.ts";

/**
 * The books as one gateway uses them. What is asked later is done later; every promise rejects when the database is away. `shared`: other
 * gateways use them too, so that money is borrowed in slices, and what is not needed goes back.
 */
export interface Bank {
  readonly shared: boolean;
  lend(request: LoanRequest): Promise<Loan>;
  giveBack(account: AccountId, amount: Nano): Promise<void>;
  /** Enters what these lines of the journal say, which has no others up to this number that are still to be entered. */
  post(lines: readonly NumberedLine[], upTo: number): Promise<void>;
  /** Says that we live. False when we had been given up: nothing lent to us is ours any more. */
  beat(): Promise<boolean>;
  /** Gives back all we were lent: we go. */
  leave(): Promise<void>;
}

interface BankParts {
  readonly desk: Pick<MoneyDesk, "lend" | "takeBack" | "post" | "beat" | "takeAllBack">;
  /** Who we are among the gateways of this database. */
  readonly holder: string;
  readonly shared: boolean;
  readonly now: () => number;
}

/** The bank of one gateway. One question at a time: the order of what is spent and what is lent is what makes the sums right. */
export function bankFor({ desk, holder, shared, now }: BankParts): Bank {
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
  return {
    shared,
    lend: (request) => inTurn(() => desk.lend({ ...request, holder })),
    giveBack: (account, amount) => inTurn(() => desk.takeBack({ account, holder, amount })),
    post: (lines, upTo) => inTurn(() => desk.post({ holder, upTo, lines, at: now() })),
    beat: () => inTurn(() => desk.beat({ holder, at: now() })),
    leave: () => inTurn(() => desk.takeAllBack(holder)),
  };
}
