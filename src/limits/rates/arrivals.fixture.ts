import assert from "node:assert/strict";
import fc from "fast-check";
import type { RateLimits } from "../../vocabulary/bounds.ts";
import type { handTurned } from "../../vocabulary/clock.fixture.ts";
import type { Counter, Taken } from "./counter.ts";
import { limitedBy, mostWithin } from "./limited.fixture.ts";
import type { Step } from "./rule.ts";

/** Who is limited how, and who comes when. */
export interface Arrivals {
  readonly limits: RateLimits;
  readonly all: readonly Arrival[];
}

interface Arrival {
  /** Milliseconds since the one before. */
  readonly gap: number;
  /** At which gateway. */
  readonly at: number;
  readonly tokens: number;
  /** Of those tokens, used in the end. */
  readonly used: number;
  /** It is over when so many others have come. */
  readonly lasts: number;
  /** Something else refused it: it shall count nowhere. */
  readonly undone: boolean;
}

const sometimes = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

export const arrivals: fc.Arbitrary<Arrivals> = fc.record({
  limits: fc.record({
    requestsPerSecond: sometimes(fc.constantFrom(1, 2, 4, 5, 8)),
    burst: sometimes(fc.integer({ min: 1, max: 4 })),
    requestsPerMinute: sometimes(fc.integer({ min: 1, max: 9 })),
    requestsPerHour: sometimes(fc.integer({ min: 3, max: 30 })),
    tokensPerMinute: sometimes(fc.integer({ min: 20, max: 200 })),
    maxParallel: sometimes(fc.integer({ min: 1, max: 4 })),
  }),
  all: fc.array(
    fc.record({
      gap: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 40_000 }), fc.integer({ min: 0, max: 2_000_000 })),
      at: fc.nat(2),
      tokens: fc.integer({ min: 1, max: 60 }),
      used: fc.integer({ min: 0, max: 60 }),
      lasts: fc.nat(4),
      undone: fc.constantFrom(false, false, false, true),
    }),
    { minLength: 5, maxLength: 60 },
  ),
});

/** Past so long a pause nobody is under way: a lease that nobody renews would have ended. Milliseconds. */
const LONG_PAUSE = 4_000;
/** Counters go by microseconds. Seconds. */
const ROUNDED = 1e-5;

interface Admitted {
  readonly time: number;
  readonly tokens: number;
}

/**
 * Lets them come, each to its counter, and looks at every span of time there is: nowhere is more admitted than each limit says, and nowhere
 * are more at once. How many were admitted.
 */
export async function arrive({ limits, all }: Arrivals, counters: readonly Counter[], { clock, turnTo }: ReturnType<typeof handTurned>): Promise<number> {
  const step: Step = [limitedBy(limits)];
  const admitted: Admitted[] = [];
  const open: { readonly taken: Taken; readonly used: number; left: number }[] = [];
  const leave = (isOver: (left: number) => boolean) => {
    for (const one of [...open]) {
      if (!isOver(one.left--)) continue;
      one.taken.end(one.used);
      open.splice(open.indexOf(one), 1);
    }
  };
  for (const { gap, at, tokens, used, lasts, undone } of all) {
    leave((left) => gap > LONG_PAUSE || left <= 0);
    turnTo(clock.elapsed() + gap);
    const taken = await counters[at % counters.length]?.take(step, tokens);
    if (taken === undefined || taken.refused) continue;
    assert.equal(taken.alone ?? false, false);
    if (undone) {
      taken.undo();
      continue;
    }
    const own = { taken, used: Math.min(tokens, used), left: lasts };
    open.push(own);
    admitted.push({ time: clock.elapsed(), tokens: own.used });
    if (limits.maxParallel !== undefined) assert.ok(open.length <= limits.maxParallel);
  }
  leave(() => true);
  expectWithin(limits, admitted);
  return admitted.length;
}

function expectWithin({ requestsPerSecond, burst, requestsPerMinute, requestsPerHour, tokensPerMinute }: RateLimits, admitted: readonly Admitted[]): void {
  const most = (span: number, amountOf: (one: Admitted) => number) =>
    mostWithin(
      span,
      admitted.map((one) => ({ time: one.time, amount: amountOf(one) })),
    );
  if (requestsPerMinute !== undefined) assert.ok(most(60_000, () => 1) <= requestsPerMinute);
  if (requestsPerHour !== undefined) assert.ok(most(3_600_000, () => 1) <= requestsPerHour);
  if (tokensPerMinute !== undefined) assert.ok(most(60_000, ({ tokens }) => tokens) <= tokensPerMinute);
  if (requestsPerSecond === undefined) return;
  for (const [from, first] of admitted.entries())
    for (const [further, last] of admitted.slice(from).entries()) {
      const seconds = (last.time - first.time) / 1000;
      assert.ok(further + 1 <= (burst ?? Math.max(1, Math.floor(requestsPerSecond))) + requestsPerSecond * (seconds + ROUNDED));
    }
}
