import type { RequestSummary } from "../../store/requests/request-queries.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { isFromCache } from "../../vocabulary/record.ts";

/** What a request comes to by the prices there are now. Absent where nobody knows. */
export interface Repriced {
  readonly cost: Nano | undefined;
  readonly charge: Nano | undefined;
  readonly priceVersion: string | undefined;
}

/**
 * Why a request stays as it is: nothing was counted; its answer broke off and was not charged; a cache answered; no price is known; its
 * deployment is there no more and nobody knows its price; some of it was paid back.
 */
export const LEFT = ["no_usage", "not_charged", "from_cache", "unpriced", "deployment_gone", "refunded"] as const;
export type Left = (typeof LEFT)[number];

/** A request, and what else is known of it. */
export interface Facts {
  readonly row: RequestSummary;
  /** What the books charged for it, where its price was put right before. */
  readonly inBooks: Nano | undefined;
  readonly refunded: boolean;
}

/** What becomes of a request: why it stays as it is, or what it comes to, on its row and in the books. */
export interface Verdict {
  readonly left?: Left;
  readonly cost: Nano | undefined;
  readonly charge: Nano | undefined;
  readonly priceVersion: string | undefined;
  /** The row says otherwise. */
  readonly rowChanges: boolean;
  /** The books do. */
  readonly booksChange: boolean;
}

/** Is it to be paid for at all? If not, why. */
export function leftUnpriced({ usage, cache, outcome, cost, charge, accounts }: RequestSummary): Left | undefined {
  if (usage === undefined) return "no_usage";
  if (isFromCache(cache)) return "from_cache";
  // What is charged of an answer that broke off was decided then; only what was charged, or was to be, has a price to put right.
  if (outcome !== "ok" && cost === undefined && charge === undefined && accounts === undefined) return "not_charged";
  return undefined;
}

/** What becomes of a request that is paid for. What was known and nobody knows any more stays what it was. */
export function verdictOn({ row, inBooks, refunded }: Facts, repriced: Repriced): Verdict {
  const stood = inBooks ?? row.charge;
  const cost = repriced.cost ?? row.cost;
  const charge = refunded ? stood : (repriced.charge ?? stood);
  const counts = row.accounts !== undefined && row.accounts.length > 0;
  const chargeChanges = charge !== row.charge;
  return {
    left: refunded && repriced.charge !== undefined && repriced.charge !== stood ? "refunded" : undefined,
    cost,
    charge,
    priceVersion: chargeChanges && charge === repriced.charge ? repriced.priceVersion : row.priceVersion,
    rowChanges: chargeChanges || cost !== row.cost,
    booksChange: counts && (charge ?? 0n) !== (stood ?? 0n),
  };
}
