import type { Effort } from "../../vocabulary/chat.ts";

/** How hard to think, once it is settled that the model shall. */
export type Depth = Exclude<Effort, "none">;

/** All there are, the least first. */
export const EFFORTS: readonly Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/**
 * The effort of `known` nearest to the one asked for, the greater of two equally near: `medium` is `high` to a model that has only that
 * and `low`. Adds a warning when it is another than asked for; `undefined`, with a warning too, when the model knows none.
 */
export function nearestEffort(asked: Depth, known: readonly Depth[], warnings: string[]): Depth | undefined {
  let nearest: Depth | undefined;
  for (const effort of known) if (nearest === undefined || distance(effort, asked) <= distance(nearest, asked)) nearest = effort;
  if (nearest === undefined) warnings.push(`reasoning_effort ${asked} was left out: how hard this model thinks cannot be tuned.`);
  else if (nearest !== asked) warnings.push(`reasoning_effort ${asked} became ${nearest}, the nearest this model has.`);
  return nearest;
}

function distance(one: Effort, other: Effort): number {
  return Math.abs(EFFORTS.indexOf(one) - EFFORTS.indexOf(other));
}

/** The effort that usually spends about as many tokens; `undefined` for a negative budget, which leaves it to the model. */
export function effortOfBudget(budget: number): Depth | undefined {
  if (budget < 0) return undefined;
  return budget <= 4096 ? "low" : budget <= 16_384 ? "medium" : "high";
}
