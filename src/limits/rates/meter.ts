import { Pace } from "./pace.ts";
import type { RateKind, Rule } from "./rule.ts";
import { SPANS } from "./rule.ts";
import { SlidingWindow } from "./sliding-window.ts";
import { Slots } from "./slots.ts";

/** Counts one thing for somebody, exactly: never is more counted in a span than was charged in it. `now` is milliseconds that never go back. */
export interface Meter {
  /** Until so much more fits the rule; 0: now, `Infinity`: never. Milliseconds. */
  wait(amount: number, rule: Rule, now: number): number;
  /** Counts so much from now on, whether it fits or not; what this gives says where, for `giveBack`. */
  charge(amount: number, rule: Rule, now: number): number;
  /** So much of that charge was not needed. */
  giveBack(amount: number, charge: number): void;
  used(rule: Rule, now: number): number;
  /** Milliseconds until nothing is counted any more. */
  resets(now: number): number;
  /** Another that counts the same, for somebody whose share of it is not known. */
  copy(): Meter;
}

export function meterFor(kind: RateKind): Meter {
  switch (kind) {
    case "second":
      return new Pace();
    case "minute":
    case "hour":
    case "tokens":
      return new SlidingWindow(SPANS[kind]);
    case "parallel":
      return new Slots();
    default:
      return kind satisfies never;
  }
}
