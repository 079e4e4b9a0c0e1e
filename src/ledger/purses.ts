import type { Bounds, Budget } from "../vocabulary/bounds.ts";
import type { Clock } from "../vocabulary/clock.ts";
import { type AccountId, userAccount } from "../vocabulary/ledger.ts";
import { currentBudget } from "./budgets.ts";
import { Purse } from "./purse.ts";

/** Who pays, and what binds them. */
export interface Payer {
  readonly userId?: string;
  readonly bounds?: readonly Bounds[];
}

/** A purse in use keeps its budget; it is looked up anew when its span of time has ended. */
interface Current {
  readonly purse: Purse;
  readonly until: number;
}

/** The purses of this gateway, made as they are needed. */
export class Purses {
  readonly #purses = new Map<AccountId, Purse>();
  readonly #current = new WeakMap<Budget, Current>();
  readonly #clock: Clock;
  /** Called of a purse whose budget has changed: what it was lent was lent for another amount. */
  readonly #changed: (purse: Purse) => void;

  constructor(clock: Clock, changed: (purse: Purse) => void) {
    this.#clock = clock;
    this.#changed = changed;
  }

  /** All that a request of this payer draws on: a balance if one is enforced, and every budget. */
  of({ userId, bounds }: Payer, balance: boolean): Purse[] {
    const purses: Purse[] = [];
    if (balance && userId !== undefined) purses.push(this.#balanceOf(userId));
    if (bounds === undefined) return purses;
    for (const bound of bounds) for (const budget of bound.budgets ?? []) purses.push(this.#budget(bound, budget));
    return purses;
  }

  find(account: AccountId): Purse | undefined {
    return this.#purses.get(account);
  }

  all(): Iterable<Purse> {
    return this.#purses.values();
  }

  forget({ account }: Purse): void {
    this.#purses.delete(account);
  }

  #balanceOf(userId: string): Purse {
    const account = userAccount(userId);
    return this.#purses.get(account) ?? this.#add(new Purse({ account, ceiling: 0n, name: `the balance of user ${userId}` }));
  }

  #budget(bound: Bounds, budget: Budget): Purse {
    const now = this.#clock.now();
    const known = this.#current.get(budget);
    if (known !== undefined && now < known.until && this.#purses.get(known.purse.account) === known.purse) return known.purse;
    const { account, name, resetsAt } = currentBudget(bound, budget, now);
    const purse = this.#purses.get(account) ?? this.#add(new Purse({ account, ceiling: budget.amount, name, resetsAt }));
    if (purse.ceiling !== budget.amount) {
      purse.ceiling = budget.amount;
      purse.name = name;
      this.#changed(purse);
    }
    this.#current.set(budget, { purse, until: resetsAt ?? Number.POSITIVE_INFINITY });
    return purse;
  }

  #add(purse: Purse): Purse {
    this.#purses.set(purse.account, purse);
    return purse;
  }
}
