import type { Window } from "./schedule.ts";

/** A time of the week, in minutes after the midnight on which Sunday begins. */
export type MinuteOfWeek = number;

const DAY = 24 * 60;
const NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const SHORT = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Every minute of a week in which no clock is changed. */
export const MINUTES: readonly MinuteOfWeek[] = Array.from({ length: 7 * DAY }, (_, index) => index);

/** Does it hold at this minute, by its own hours? */
export function holdsAt({ from, to, days }: NonNullable<Window["hours"]>, minute: MinuteOfWeek): boolean {
  const day = Math.floor(minute / DAY);
  const time = minute % DAY;
  const begins = (which: number) => days === undefined || days.includes(which % 7);
  if (to > from) return begins(day) && time >= from && time < to;
  return (begins(day) && time >= from) || (begins(day + 6) && time < to);
}

/** `Monday at 02:00`. */
export function minuteText(minute: MinuteOfWeek): string {
  return `${NAMES[Math.floor(minute / DAY)]} at ${timeText(minute % DAY)}`;
}

/** `02:00 to 06:00 on mon, tue`; of a window without hours `otherwise`. */
export function hoursText(hours: Window["hours"]): string {
  if (hours === undefined) return "otherwise";
  const days = hours.days === undefined ? "" : ` on ${hours.days.map((day) => SHORT[day]).join(", ")}`;
  return `${timeText(hours.from)} to ${timeText(hours.to)}${days}`;
}

function timeText(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
