/** When an engine has to go, and how it is taken leave of. All durations are milliseconds. */
export interface Leaving {
  /** From this moment on it may run no longer, in milliseconds since 1970. Absent: no end is to be foreseen. */
  readonly at: number | undefined;
  /** So long before it only work is admitted that will be done in time; about as long as long work takes. */
  readonly lead: number;
  /** So long after it, what can be done again later (batches) is cut. */
  readonly soft: number;
  /** So long after it, everything is. Not shorter than `soft`. */
  readonly hard: number;
}

/**
 * `open`: everything is admitted. `closing`: what will be done in time. `draining`: nothing, and what runs may end. `late`: what can be done again
 * is cut. `over`: everything is.
 */
export type Stage = "open" | "closing" | "draining" | "late" | "over";

/** How far the leave has come, and when it goes further, in milliseconds since 1970; `undefined`: never. */
export function stageAt({ at, lead, soft, hard }: Leaving, now: number): { readonly stage: Stage; readonly until: number | undefined } {
  if (at === undefined) return { stage: "open", until: undefined };
  if (now < at - lead) return { stage: "open", until: at - lead };
  if (now < at) return { stage: "closing", until: at };
  if (now < at + soft) return { stage: "draining", until: at + soft };
  if (now < at + hard) return { stage: "late", until: at + hard };
  return { stage: "over", until: undefined };
}

/** Is work of this length (milliseconds, as predicted) begun now? Work of which nothing is known takes as long as `lead`. */
export function admits(expected: number | undefined, leaving: Leaving, now: number): boolean {
  const { stage } = stageAt(leaving, now);
  switch (stage) {
    case "open":
      return true;
    case "closing":
      return now + (expected ?? leaving.lead) <= (leaving.at ?? now);
    case "draining":
    case "late":
    case "over":
      return false;
    default:
      return stage satisfies never;
  }
}
