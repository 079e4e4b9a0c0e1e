import type { Hold, Spent } from "../../ledger/hold.ts";
import { boundOf } from "../../ledger/pricing/bound.ts";
import type { Deployment } from "../../vocabulary/deployment.ts";
import type { Model } from "../../vocabulary/model.ts";
import { largerOf, type Nano } from "../../vocabulary/money.ts";
import { tariffFor } from "../../vocabulary/tariffs.ts";
import type { Usage } from "../../vocabulary/usage.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Beating } from "../visit/pulse.ts";
import type { Visit } from "../visit/visit.ts";
import { watchLength } from "./allowance.ts";
import { type Bill, billFor } from "./bill.ts";
import { withGpuTime } from "./gpu-time.ts";
import { payerOf, reservationFor, spentBy } from "./in-ledger.ts";
import type { MostUsed } from "./most-used.ts";
import { payableOf } from "./payable.ts";
import { chargesFor } from "./tariffs.ts";

/** What is to be paid for, as the story knows it. */
export interface Purchase {
  readonly model: Model;
  /** The most it can use, where its client gives no bound with so many tokens of answer. Asked only where somebody keeps count. */
  most(assumed: number): MostUsed;
  /** Tokens of the prompt, as estimated, for a client that leaves before anybody has counted. */
  promptTokens(): number;
}

/** Milliseconds after which, and in which, what an answer under way has used is written down. */
const NOTE_EVERY = 1_000;

/**
 * Sets aside what the dearest of those who may serve can cost, and from then on the visit owes the rest: what was used is paid when it has
 * ended, on every way it can, and the remainder is free again. Throws as `Ledger.reserve` does.
 */
export async function setAside(purchase: Purchase, visit: Visit, box: Signalbox): Promise<void> {
  const hold = box.ledger.counts(payerOf(visit)) ? await held(purchase, visit, box) : undefined;
  const settling = new Settling({ purchase, hold }, visit);
  visit.bill = (usage) => settling.bill(withGpuTime(usage, visit, !visit.stream));
  visit.owes((ending) => {
    const payable = payableOf(visit, ending, { ...box.billing(), promptTokens: () => purchase.promptTokens() });
    if (payable === undefined) hold?.release();
    else settling.pay(withGpuTime(payable.usage, visit, true), payable.deployment);
  });
  if (hold !== undefined && visit.stream) noteNowAndThen(settling, visit, box);
}

async function held({ model, most }: Purchase, visit: Visit, box: Signalbox): Promise<Hold> {
  const { assumedOutput, unpriced } = box.billing();
  const { tariffs, someUnpriced, gpus } = chargesFor(model, box.catalog);
  const used = most(assumedOutput);
  const gpuMilliseconds = gpus === 0 ? undefined : gpus * longestAt(model, box);
  const boundWith = (outputTokens: number) => {
    let dearest: Nano | undefined;
    for (const tariff of tariffs) {
      const bound = boundOf({ ...used.most, outputTokens, gpuMilliseconds }, tariffFor(tariff, visit.batch !== undefined), visit.startedAt);
      if (bound !== undefined) dearest = largerOf(dearest ?? bound, bound);
    }
    return dearest;
  };
  const { outputTokens } = used.most;
  const bound = someUnpriced && unpriced === "deny" ? undefined : boundWith(outputTokens);
  if (bound === undefined) visit.warnings.push(`Nobody knows what ${model.name} costs: it is not counted against any balance or budget.`);
  const hold = await box.ledger.reserve(reservationFor(visit, bound));
  if (!used.certain && bound !== undefined && outputTokens > 0)
    watchLength({ hold, tokens: outputTokens, more: (boundWith(outputTokens * 2) ?? bound) - bound }, visit);
  return hold;
}

/** No engine has a request for longer: its deadline ends it. Milliseconds. */
function longestAt({ deployments }: Model, box: Signalbox): number {
  const { total } = box.policy();
  return Math.max(...deployments.map(({ profile }) => profile.deadlines.total ?? total));
}

/** How a request will be paid for. */
class Settling {
  readonly #purchase: Purchase;
  readonly #hold: Hold | undefined;
  readonly #visit: Visit;
  /** The last bill, and what it is for: it is asked for when the answer is told and when it is paid. */
  #billed: { readonly usage: Usage; readonly deployment: Deployment; readonly bill: Bill } | undefined;

  constructor({ purchase, hold }: { readonly purchase: Purchase; readonly hold: Hold | undefined }, visit: Visit) {
    this.#purchase = purchase;
    this.#hold = hold;
    this.#visit = visit;
  }

  /** What usage comes to; `undefined` while nobody has served. */
  bill(usage: Usage, deployment = this.#visit.served?.deployment): Bill | undefined {
    if (deployment === undefined) return undefined;
    const billed = this.#billed;
    if (billed !== undefined && billed.usage === usage && billed.deployment === deployment) return billed.bill;
    const bill = billFor(usage, { model: this.#purchase.model, deployment, at: this.#visit.startedAt, inBatch: this.#visit.batch !== undefined });
    this.#billed = { usage, deployment, bill };
    return bill;
  }

  pay(usage: Usage, deployment: Deployment): void {
    const bill = this.bill(usage, deployment);
    this.#visit.usage = usage;
    this.#visit.cost = bill?.cost;
    this.#visit.charge = bill?.charge;
    this.#visit.priceVersion = bill?.priceVersion;
    this.#visit.accounts = this.#hold?.accounts;
    if (this.#hold === undefined) return;
    if (bill?.charge === undefined || bill.charge === 0n) this.#hold.release();
    else this.#visit.paid = this.#hold.settle(this.#spent(usage, bill.charge, bill.priceVersion, deployment.id));
  }

  /** Writes down what would be paid if all ended now. */
  note(): void {
    const used = this.#visit.soFar?.();
    const usage = used && withGpuTime(used, this.#visit, false);
    const bill = usage && this.bill(usage);
    if (usage === undefined || bill?.charge === undefined) return;
    this.#hold?.note(this.#spent(usage, bill.charge, bill.priceVersion, this.#visit.served?.deployment.id));
  }

  #spent(usage: Usage, used: Nano, priceVersion: string | undefined, deployment: string | undefined): Spent {
    return spentBy(this.#visit, { model: this.#purchase.model, deployment, usage, used, priceVersion });
  }
}

/** An answer that takes its time is written down while it does: should this process be killed, its part is paid for. */
function noteNowAndThen(settling: Settling, visit: Visit, box: Signalbox): void {
  let noted = performance.now();
  const notes: Beating = {
    beat(now) {
      if (now - noted < NOTE_EVERY) return;
      noted = now;
      settling.note();
    },
  };
  box.pulse.join(notes);
  visit.owes(() => box.pulse.leave(notes));
}
