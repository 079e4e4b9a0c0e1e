import type { Override } from "./overrides.ts";
import type { Machine } from "./residents.ts";
import type { Calendar, Schedule, Window } from "./schedule.ts";

/** The time of day as hours have it: `02:30` is 150. */
export function minutes(time: string): number {
  const [hour = 0, minute = 0] = time.split(":").map(Number);
  return hour * 60 + minute;
}

export const NIGHT: Window = { name: "night", hours: { from: minutes("02:00"), to: minutes("06:00") }, engines: ["large"], preload: ["large"] };
export const DAY: Window = { name: "day", engines: ["long", "short", "spare"], preload: ["long", "short"] };

/** A small model on each GPU by day, a large one on both from 02:00 to 06:00 by the clocks of Berlin. */
export const SCHEDULE: Schedule = { timeZone: "Europe/Berlin", windows: [NIGHT, DAY] };

export function calendarOf(windows: readonly Window[], overrides: readonly Override[] = []): Calendar {
  return { schedule: { timeZone: "Europe/Berlin", windows }, overrides };
}

export function overrideOf(window: string, at: string, until: string): Override {
  return { window, at: Date.parse(at), until: Date.parse(until), by: "ann", cause: "operator" };
}

const GIB = 2 ** 30;

/** Two GPUs of 24 GiB, the engines of `SCHEDULE`, and one that no window names. */
export const MACHINE: Machine = {
  specs: [
    { name: "long", gpus: ["0"], vram: 22 * GIB, preload: false },
    { name: "short", gpus: ["1"], vram: 18 * GIB, preload: false },
    { name: "spare", gpus: ["0"], vram: 20 * GIB, preload: false },
    { name: "large", gpus: ["0", "1"], vram: 22 * GIB, preload: false },
    { name: "always", gpus: ["1"], vram: 1.5 * GIB, preload: true },
  ],
  gpus: [
    { id: "0", total: 24 * GIB },
    { id: "1", total: 24 * GIB },
  ],
};
