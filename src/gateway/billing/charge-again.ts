import type { UsedBefore } from "../../cache/keep/answer.ts";
import type { Model } from "../../vocabulary/model.ts";
import { dividedHalfUp } from "../../vocabulary/money.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Ending, Visit } from "../visit/visit.ts";
import { type Bill, billFor } from "./bill.ts";
import { payerOf, reservationFor, spentBy } from "./in-ledger.ts";
import type { Unfinished } from "./payable.ts";

/** An answer about to be given again, and to whom. */
export interface GivenAgain {
  /** What it used the first time; absent: nobody knows. */
  readonly used: UsedBefore | undefined;
  readonly model: Model;
  readonly visit: Visit;
  readonly box: Signalbox;
}

/**
 * Sets aside what is charged for an answer that is given again, and the visit owes it from then on: a part of what it would have cost now to
 * whoever used so much. `undefined` where that is nothing. Rejects as `Ledger.reserve` does, and when
 * its client has left.
 */
export function chargeAgain({ used, ...given }: GivenAgain): Promise<void> | undefined {
  const { cacheHits } = given.box.billing();
  return used === undefined || cacheHits === 0 ? undefined : charged({ ...given, used }, cacheHits);
}

async function charged({ used, model, visit, box }: GivenAgain & { readonly used: UsedBefore }, percent: number): Promise<void> {
  // A visit that is over already would owe it to nobody.
  if (visit.calledOff !== undefined) throw visit.calledOff;
  const deployment = model.deployments.find(({ id }) => id === used.deployment) ?? {};
  const partOf = (usage: Usage): Bill => {
    const { charge, priceVersion } = billFor(usage, { model, deployment, at: visit.startedAt, inBatch: visit.batch !== undefined });
    return { cost: 0n, charge: charge && dividedHalfUp(charge * BigInt(percent), 100n), priceVersion };
  };
  const whole = partOf(used.usage);
  const hold = whole.charge && box.ledger.counts(payerOf(visit)) ? await box.ledger.reserve(reservationFor(visit, whole.charge)) : undefined;
  visit.bill = () => whole;
  visit.owes((ending) => {
    const usage = chargedUsage(used.usage, visit, { ending, unfinished: box.billing().unfinished });
    const bill = usage && partOf(usage);
    if (usage === undefined || bill?.charge === undefined) return hold?.release();
    visit.cost = bill.cost;
    visit.charge = bill.charge;
    visit.priceVersion = bill.priceVersion;
    visit.accounts = hold?.accounts;
    if (hold === undefined) return;
    if (bill.charge === 0n) hold.release();
    else visit.paid = hold.settle(spentBy(visit, { model, deployment: used.deployment, usage, used: bill.charge, priceVersion: bill.priceVersion }));
  });
}

/** What is charged for: all that was used the first time or, of an answer that did not come to its end, what is charged of any such. */
function chargedUsage(first: Usage, { usage }: Visit, { ending, unfinished }: { readonly ending: Ending; readonly unfinished: Unfinished }): Usage | undefined {
  if (ending.outcome === "ok") return first;
  if (unfinished === "free" || usage === undefined) return undefined;
  return unfinished === "delivered" || usage.evidence === "reported" ? usage : undefined;
}
