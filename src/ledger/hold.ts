import type { AccountId, Settlement } from "../vocabulary/ledger.ts";
import type { Nano } from "../vocabulary/money.ts";
import type { Purse } from "./purse.ts";

/** What was used of a hold, as whoever serves the request knows it. */
export type Spent = Pick<
  Settlement,
  "at" | "used" | "model" | "deployment" | "priceVersion" | "evidence" | "promptTokens" | "completionTokens" | "description"
>;

/** Money set aside for a request. Either `settle` or `release` ends it; whatever comes after that has no effect. */
export interface Hold {
  readonly amount: Nano;
  /** What is paid of it counts against these: the balance that pays, and budgets. */
  readonly accounts: readonly AccountId[];
  /** Sets so much more aside, if it is free. */
  extend(more: Nano): boolean;
  /** What would be paid if all ended now: what is paid should this process be killed. */
  note(spent: Spent): void;
  /** Pays what was used and sets the rest free. What it gives settles when that is durable. */
  settle(spent: Spent): Promise<void>;
  /** Sets it all free: nothing was used. */
  release(): void;
}

/** For whom it is. */
export interface HoldFacts extends Pick<Settlement, "requestId" | "keyId" | "userId" | "teamId"> {
  readonly payer?: AccountId;
  readonly purses: readonly Purse[];
  readonly amount: Nano;
}

/** What becomes of holds. */
interface Till {
  note(settlement: Settlement): void;
  settle(settlement: Settlement): Promise<void>;
  /** A purse has more free than it had. */
  freed(purse: Purse): void;
}

/** A hold on purses that have it. */
export class PurseHold implements Hold {
  readonly #facts: HoldFacts;
  readonly #till: Till;
  #amount: Nano;
  #over = false;

  constructor(facts: HoldFacts, till: Till) {
    this.#facts = facts;
    this.#till = till;
    this.#amount = facts.amount;
  }

  get amount(): Nano {
    return this.#amount;
  }

  get accounts(): AccountId[] {
    const { payer } = this.#facts;
    return payer === undefined ? this.#budgets() : [payer, ...this.#budgets()];
  }

  extend(more: Nano): boolean {
    const { purses } = this.#facts;
    if (this.#over || purses.some((purse) => purse.free < more || purse.waiting > 0)) return false;
    for (const purse of purses) purse.hold(more);
    this.#amount += more;
    return true;
  }

  note(spent: Spent): void {
    if (!this.#over && spent.used > 0n) this.#till.note(this.#settlement(spent));
  }

  settle(spent: Spent): Promise<void> {
    if (this.#over) return Promise.resolve();
    this.#end(spent.used);
    return this.#till.settle(this.#settlement(spent));
  }

  release(): void {
    if (!this.#over) this.#end(0n);
  }

  #end(used: Nano): void {
    this.#over = true;
    for (const purse of this.#facts.purses) {
      purse.settle(this.#amount, used);
      this.#till.freed(purse);
    }
  }

  #settlement(spent: Spent): Settlement {
    const { requestId, keyId, userId, teamId, payer } = this.#facts;
    return { ...spent, requestId, keyId, userId, teamId, payer, budgets: this.#budgets(), held: this.#amount };
  }

  #budgets(): AccountId[] {
    const { payer, purses } = this.#facts;
    const budgets: AccountId[] = [];
    for (const { account } of purses) if (account !== payer) budgets.push(account);
    return budgets;
  }
}
