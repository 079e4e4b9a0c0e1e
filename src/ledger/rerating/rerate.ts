import type { PricedInBooks, Rerating } from "../../store/ledger/rerating.ts";
import type { Correction } from "../../store/requests/corrections.ts";
import type { RequestSummary } from "../../store/requests/request-queries.ts";
import type { RequestStore } from "../../store/requests/requests.ts";
import type { Nano } from "../../vocabulary/money.ts";
import { promptTokens, type Usage } from "../../vocabulary/usage.ts";
import { type Left, leftUnpriced, type Repriced, type Verdict, verdictOn } from "./verdict.ts";

/** Which requests, and what is to be said of it. Times are milliseconds since 1970. */
export interface ReratingWish {
  readonly since: number;
  /** Exclusive. */
  readonly until: number;
  /** By its public name, as it stands on the rows. */
  readonly model?: string;
  readonly deployment?: string;
  /** Nothing is changed: only told what would be. */
  readonly dryRun: boolean;
  readonly reason: string;
  readonly actor: string;
  /** When it is done. */
  readonly at: number;
}

/** What it works on. */
export interface ReratingDesk {
  readonly requests: Pick<RequestStore, "flush" | "list" | "correct">;
  readonly books: {
    pricedInBooks(requestIds: readonly string[]): Promise<PricedInBooks>;
    rerate(reratings: readonly Rerating[]): Promise<unknown>;
  };
  readonly prices: { billFor(served: RequestSummary & { readonly usage: Usage }): Repriced | "unpriced" | "deployment_gone" };
}

/** What came of the requests to one model: how many were looked at and changed, and by how much. */
export interface ModelTally {
  requests: number;
  changed: number;
  cost: Nano;
  charge: Nano;
}

export interface ReratingReport {
  readonly models: ReadonlyMap<string, ModelTally>;
  /** How many stay as they are though they were looked at, and why. */
  readonly left: ReadonlyMap<Left, number>;
}

/** Rows in one transaction of the books and one of the rows: whose key is looked up meanwhile waits some 30 ms at most. */
const BATCH = 100;

/**
 * Puts the prices of requests right that were served already: what each comes to by the prices known now, at the time of the request, is
 * entered in the books as a difference, and written on its row. Batch by batch, the books first: killed in between and run again it goes on
 * where it stood, and nothing is entered twice. Others are served in between.
 */
export async function rerateRequests(wish: ReratingWish, desk: ReratingDesk): Promise<ReratingReport> {
  const { since: from, until: to, model, deployment, dryRun } = wish;
  const models = new Map<string, ModelTally>();
  const left = new Map<Left, number>();
  // What ended a moment ago may still be on its way.
  await desk.requests.flush();
  let before: string | undefined;
  do {
    const { rows, next } = await desk.requests.list({ from, to, model, deployment, before, limit: BATCH });
    const judged = await judge(rows, desk);
    if (!dryRun) await carryOut(judged, wish, desk);
    for (const each of judged) count(each, { models, left });
    before = next;
  } while (before !== undefined);
  return { models, left };
}

/** A request, and what becomes of it. */
interface Judged {
  readonly row: RequestSummary;
  readonly left?: Left;
  /** Absent where there is nothing to be paid. */
  readonly verdict?: Verdict;
}

async function judge(rows: readonly RequestSummary[], { books, prices }: ReratingDesk): Promise<Judged[]> {
  const { charges, refunded } = await books.pricedInBooks(rows.map(({ id }) => id));
  return rows.map((row): Judged => {
    const { usage } = row;
    const unpaid = leftUnpriced(row);
    if (unpaid !== undefined || usage === undefined) return { row, left: unpaid };
    const bill = prices.billFor({ ...row, usage });
    const known = typeof bill === "string" ? NOTHING_KNOWN : bill;
    const verdict = verdictOn({ row, inBooks: charges.get(row.id), refunded: refunded.has(row.id) }, known);
    return { row, verdict, left: typeof bill === "string" ? bill : verdict.left };
  });
}

const NOTHING_KNOWN: Repriced = { cost: undefined, charge: undefined, priceVersion: undefined };

/** The books first: what they say is what counts, should it end here. */
async function carryOut(judged: readonly Judged[], wish: ReratingWish, { requests, books }: ReratingDesk): Promise<void> {
  const reratings: Rerating[] = [];
  const corrections: Correction[] = [];
  for (const { row, verdict } of judged) {
    if (verdict === undefined) continue;
    const { cost, charge, priceVersion } = verdict;
    if (verdict.booksChange) reratings.push(reratingOf(row, verdict, wish));
    if (verdict.rowChanges) corrections.push({ row, cost, charge, priceVersion });
  }
  if (reratings.length > 0) await books.rerate(reratings);
  if (corrections.length > 0) await requests.correct(corrections);
}

function reratingOf(row: RequestSummary, { charge = 0n, priceVersion }: Verdict, { reason, actor, at }: ReratingWish): Rerating {
  const { id, keyId, userId, teamId, model, deployment, usage, accounts = [] } = row;
  const counted = usage && { evidence: usage.evidence, promptTokens: promptTokens(usage), completionTokens: usage.output };
  const facts = { keyId, userId, teamId, model, deployment, ...counted, priceVersion, reason, actor, at, description: `Corrected price of ${model}` };
  return { requestId: id, first: row.charge ?? 0n, charge, accounts, facts };
}

function count({ row, verdict, left: why }: Judged, { models, left }: { readonly models: Map<string, ModelTally>; readonly left: Map<Left, number> }): void {
  const tally = models.get(row.model) ?? { requests: 0, changed: 0, cost: 0n, charge: 0n };
  models.set(row.model, tally);
  tally.requests++;
  if (why !== undefined) left.set(why, (left.get(why) ?? 0) + 1);
  if (verdict === undefined || !(verdict.rowChanges || verdict.booksChange)) return;
  tally.changed++;
  tally.cost += (verdict.cost ?? 0n) - (row.cost ?? 0n);
  tally.charge += (verdict.charge ?? 0n) - (row.charge ?? 0n);
}
