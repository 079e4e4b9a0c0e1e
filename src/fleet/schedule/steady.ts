import type { Clock } from "../../vocabulary/clock.ts";

/** Whoever sets a clock back by more had it wrong altogether. Milliseconds. */
const SMALL = 60 * 60 * 1000;

/**
 * A clock for calendars: set back a little, as by NTP, it stands still until its time has come again, so that no window that has opened is taken back
 * and opened once more. Set back by more than an hour it is believed. Forward it is believed always.
 */
export function steady(clock: Pick<Clock, "now">): Pick<Clock, "now"> {
  let latest = Number.NEGATIVE_INFINITY;
  return {
    now() {
      const now = clock.now();
      if (now > latest || latest - now > SMALL) latest = now;
      return latest;
    },
  };
}
