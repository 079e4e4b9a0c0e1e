import type { Deployment } from "../../vocabulary/deployment.ts";
import { type Usage, usageOf } from "../../vocabulary/usage.ts";
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
 * house's. A client that leaves before the answer began has had its prompt read by whoever was asked.
 */
export function payableOf(visit: Visit, ending: Ending, { unfinished, promptTokens }: PayableParts): Payable | undefined {
  const { usage } = visit;
  const served = visit.served?.deployment;
  if (ending.outcome === "ok") return usage && served && { usage, deployment: served };
  if (unfinished === "free") return undefined;
  if (served !== undefined && usage !== undefined)
    return unfinished === "delivered" || usage.evidence === "reported" ? { usage, deployment: served } : undefined;
  if (!visit.left || unfinished === "reported") return undefined;
  const asked = served ?? visit.asked.at(-1)?.deployment;
  return asked && { usage: usageOf({ input: promptTokens(), evidence: "estimated" }), deployment: asked };
}

interface PayableParts {
  readonly unfinished: Unfinished;
  /** Of the prompt, as estimated. */
  promptTokens(): number;
}
