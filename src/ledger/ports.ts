import type { AccountId, Loan, LoanRequest, NumberedSettlement } from "../vocabulary/ledger.ts";
import type { Nano } from "../vocabulary/money.ts";

/**
 * What the ledger needs of the database. What is asked later is done later; every promise rejects when the database is away. `shared`: other
 * gateways use it too, so that money is borrowed in slices, and what is not needed goes back.
 */
export interface Bank {
  readonly shared: boolean;
  lend(request: LoanRequest): Promise<Loan>;
  giveBack(account: AccountId, amount: Nano): Promise<void>;
  /** Enters what is in the journal up to this line. */
  post(settlements: readonly NumberedSettlement[], upTo: number): Promise<void>;
  /** Says that we live. False when we had been given up: nothing lent to us is ours any more. */
  beat(): Promise<boolean>;
  /** Gives back all we were lent: we go. */
  leave(): Promise<void>;
}

/** Where settlements are safe before they are in the books. */
export interface Lines {
  /** Adds a line and gives its number, from 1. */
  append(line: string): number;
  /** Settles once everything appended so far is durable, or the disk has refused it. */
  durable(): Promise<void>;
  /** Why lines cannot be made durable now. */
  trouble(): string | undefined;
  /** Lines up to this one are needed no more. */
  forget(upTo: number): void;
}
