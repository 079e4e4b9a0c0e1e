const HOUR = 3_600_000;
const MATCH = /^(\d{1,3})(h|d)$/;
/** Two weeks. */
const LONGEST = 14 * 24 * HOUR;

/** Milliseconds of `24h` or `3d`; `undefined` for anything else, and for more than two weeks. */
export function windowOf(text: string): number | undefined {
  const [, count, unit] = MATCH.exec(text) ?? [];
  const window = Number(count) * (unit === "d" ? 24 * HOUR : HOUR);
  return window >= HOUR && window <= LONGEST ? window : undefined;
}

/** The same in words that `windowOf` reads: whole hours, an hour at least. */
export function shownWindow(milliseconds: number): string {
  return `${Math.min(LONGEST / HOUR, Math.max(1, Math.round(milliseconds / HOUR)))}h`;
}
