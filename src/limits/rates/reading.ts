import type { Limited, Rule } from "./rule.ts";

/** One limit as it stands. Durations are milliseconds. */
export interface Reading {
  readonly of: Limited;
  readonly rule: Rule;
  /** Taken and not given back, as far as it still counts. */
  readonly used: number;
  /** Until nothing of it counts any more. */
  readonly resets: number;
  /** Until what was asked for fits; 0: it fits, `Infinity`: it never will. */
  readonly wait: number;
}

/** What may still be taken. */
export function remainingOf({ rule, used }: Reading): number {
  return Math.max(0, Math.floor(mostOf(rule) - used));
}

/** The most that may be taken at once. */
export function mostOf({ kind, limit, burst }: Rule): number {
  return kind === "second" ? burst : limit;
}

/** The limit that binds: the one that makes the request wait longest. `undefined` when it fits everywhere. */
export function bindingOf(readings: readonly Reading[]): Reading | undefined {
  let binding: Reading | undefined;
  for (const reading of readings) if (reading.wait > 0 && reading.wait > (binding?.wait ?? 0)) binding = reading;
  return binding;
}

/** The limit, on tokens or on requests in a time, of which the least is left; of equals the one that is whole again last. */
export function tightestOf(readings: readonly Reading[], ofTokens: boolean): Reading | undefined {
  let tightest: Reading | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const reading of readings) {
    const { kind } = reading.rule;
    if (kind === "parallel" || (kind === "tokens") !== ofTokens) continue;
    const left = remainingOf(reading);
    if (left > least || (left === least && tightest !== undefined && tightest.resets >= reading.resets)) continue;
    tightest = reading;
    least = left;
  }
  return tightest;
}
