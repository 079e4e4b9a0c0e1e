import type { Deployment } from "../../vocabulary/deployment.ts";
import { type Usage, usageOf } from "../../vocabulary/usage.ts";
import type { Signalbox } from "../signalbox.ts";
import type { Ending, Visit } from "../visit/visit.ts";

/** What is charged of an answer that did not come to its end: what was delivered of it, that only if the provider has reported it, or nothing. */
export type Unfinished = "delivered" | "reported" | "free";

/** What was used, and of whom. */
export interface Payable {
  readonly usage: Usage;
  readonly deployment: Deployment;
}

/**
 * What is to be paid for of a request that ended so: nothing where nobody was asked, or where everybody failed before any content: that is the
 * house's. A client that leaves before the answer began has had its prompt read.
 */
export function payableOf(visit: Visit, ending: Ending, { unfinished, promptTokens, catalog }: PayableParts): Payable | undefined {
  const { usage } = visit;
  const served = visit.served?.deployment;
  if (ending.outcome === "ok") return usage && served && { usage, deployment: served };
  if (unfinished === "free") return undefined;
  if (served !== undefined && usage !== undefined)
    return unfinished === "delivered" || usage.evidence === "reported" ? { usage, deployment: served } : undefined;
  if (!visit.left || unfinished === "reported") return undefined;
  const asked = served ?? lastAsked(visit, catalog);
  return asked && { usage: usageOf({ input: promptTokens(), evidence: "estimated" }), deployment: asked };
}

interface PayableParts {
  readonly unfinished: Unfinished;
  /** Of the prompt, as estimated. */
  promptTokens(): number;
  readonly catalog: Pick<Signalbox["catalog"], "deployment">;
}

function lastAsked({ attempts }: Visit, catalog: PayableParts["catalog"]): Deployment | undefined {
  const last = attempts.at(-1);
  return last && catalog.deployment(last.deployment);
}
