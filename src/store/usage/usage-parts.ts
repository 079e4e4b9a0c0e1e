import { DAY, HOUR } from "./usage-sums.ts";

/** From a time on and before another, in milliseconds since 1970; absent: without beginning, or end. */
export interface Span {
  readonly from?: number;
  readonly to?: number;
}

/** A part of usage, and whose sums it is taken from. */
export interface UsagePart extends Span {
  readonly sums: "hours" | "days";
}

/** The beginning of the hour a time is in, and the end of the one a span ends in. */
export const hourBefore = (time: number): number => Math.floor(time / HOUR) * HOUR;
export const hourAfter = (time: number): number => Math.ceil(time / HOUR) * HOUR;

/** Where sums are to be had from. */
export interface Kept {
  /** The days before this one are added up. */
  readonly closed: number;
  /** Are hours to be told apart? */
  readonly byHour: boolean;
}

/** The parts of a span, which reaches out to whole hours: its whole days, as far as they are added up, and the hours before and after them. */
export function usageParts({ from, to }: Span, { closed, byHour }: Kept): readonly [UsagePart, ...UsagePart[]] {
  const all: UsagePart = { sums: "hours", from: from && hourBefore(from), to: to && hourAfter(to) };
  const first = all.from && Math.ceil(all.from / DAY) * DAY;
  const end = Math.min(closed, Math.floor((all.to ?? closed) / DAY) * DAY);
  if (byHour || end <= (first ?? 0)) return [all];
  const parts: [UsagePart, ...UsagePart[]] = [{ sums: "days", from: first, to: end }];
  if (all.from !== first) parts.push({ sums: "hours", from: all.from, to: first });
  if (all.to !== end) parts.push({ sums: "hours", from: end, to: all.to });
  return parts;
}
