import { type Bounds, type Budget, type RateLimits, WINDOWS } from "../vocabulary/bounds.ts";
import { listOf, objectOf, parseJson, stringOf } from "../vocabulary/json.ts";

/** Limits and budgets as columns: JSON text, with amounts as whole nano-USD in strings. */
export interface BoundsColumns {
  readonly limits: string | null;
  readonly budgets: string | null;
}

/** Whatever has limits and budgets. */
type Bounded = Pick<Bounds, "limits" | "budgets">;

export function boundsColumns({ limits, budgets }: Bounded): BoundsColumns {
  return {
    limits: limits === undefined ? null : JSON.stringify(limits),
    budgets: budgets === undefined ? null : JSON.stringify(budgets.map(({ amount, window }) => ({ amount: String(amount), window }))),
  };
}

export function boundsOf({ limits, budgets }: BoundsColumns): Bounded {
  return {
    limits: limits === null ? undefined : (JSON.parse(limits) as RateLimits),
    budgets: budgets === null ? undefined : listOf(parseJson(budgets)).flatMap(budgetOf),
  };
}

function budgetOf(value: unknown): Budget[] {
  const { amount, window } = objectOf(value);
  const known = WINDOWS.find((each) => each === window);
  return known === undefined ? [] : [{ amount: BigInt(stringOf(amount) ?? "0"), window: known }];
}
