import { settingsOf } from "../../src/limits/rates/limited.fixture.ts";
import { createLimiter, type RateLimiter } from "../../src/limits/rates/limiter.ts";
import { MemoryCounter } from "../../src/limits/rates/memory-counter.ts";
import type { RateSettings } from "../../src/limits/rates/who.ts";
import { systemClock } from "../../src/vocabulary/clock.ts";

/** Limits counted in memory: these, and no others. */
export function testLimits(limits: Partial<RateSettings["limits"]>): RateLimiter {
  const settings = settingsOf(limits);
  return createLimiter({ counter: new MemoryCounter({ clock: systemClock }), settings: () => settings });
}
