import { expect, test } from "bun:test";
import type { Override } from "../../fleet/schedule/overrides.ts";
import { planRows } from "../../fleet/schedule/plan.ts";
import type { Machine } from "../../fleet/schedule/residents.ts";
import type { Schedule } from "../../fleet/schedule/schedule.ts";
import { planText } from "./plan-text.ts";

const GIB = 2 ** 30;
const SCHEDULE: Schedule = {
  timeZone: "Europe/Berlin",
  windows: [
    { name: "night", hours: { from: 120, to: 390 }, engines: ["large"], preload: ["large"] },
    { name: "day", engines: ["long", "short", "spare"], preload: ["long"] },
  ],
};
const OVERRIDE: Override = {
  window: "night",
  at: Date.parse("2026-10-25T12:00Z"),
  until: Date.parse("2026-10-25T15:20Z"),
  by: "ann",
  cause: "operator",
  reason: "a large batch",
};
const MACHINE: Machine = {
  specs: [
    { name: "long", gpus: ["0"], vram: 22 * GIB, preload: false },
    { name: "short", gpus: ["1"], vram: 18 * GIB, preload: false },
    { name: "spare", gpus: ["0"], vram: 20 * GIB, preload: false },
    { name: "large", gpus: ["0", "1"], vram: 25 * GIB, preload: false },
  ],
  gpus: [
    { id: "0", total: 24 * GIB },
    { id: "1", total: 24 * GIB },
  ],
};
const textOf = (overrides: readonly Override[], machine: Machine, days: number) =>
  planText(planRows({ calendar: { schedule: SCHEDULE, overrides }, machine, firstDay: "2026-10-25", days }));

test("two days, one of 25 hours, with an override and what is wrong", () => {
  expect(`\n${textOf([OVERRIDE], MACHINE, 2)}\n`).toBe(`
Sunday, 2026-10-25, Europe/Berlin, UTC+02:00. The clocks go from 03:00 to 02:00, UTC+01:00.

        00 01 02 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23
GPU 0   AA AA BB BB BB BB BB BA AA AA AA AA AA AA BB BB BB BA AA AA AA AA AA AA AA
GPU 1   ·· ·· BB BB BB BB BB B· ·· ·· ·· ·· ·· ·· BB BB BB B· ·· ·· ·· ·· ·· ·· ··

A  long
B  large

FROM          TO            WINDOW  WHY
00:00 +02:00  02:00 +02:00  day     otherwise
02:00 +02:00  06:30 +01:00  night   02:00 to 06:30
06:30 +01:00  13:00 +01:00  day     otherwise
13:00 +01:00  16:20 +01:00  night   override by ann: a large batch
16:20 +01:00  24:00 +01:00  day     otherwise

Monday, 2026-10-26, Europe/Berlin, UTC+01:00.

        00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23
GPU 0   AA AA BB BB BB BB BA AA AA AA AA AA AA AA AA AA AA AA AA AA AA AA AA AA
GPU 1   ·· ·· BB BB BB BB B· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ·· ··

FROM   TO     WINDOW  WHY
00:00  02:00  day     otherwise
02:00  06:30  night   02:00 to 06:30
06:30  24:00  day     otherwise

WINDOW              day
started             long
on demand           short
in place of others  spare
at rest             large
GPU 0               long 22 GiB of 24 GiB, 2 GiB free
GPU 1               24 GiB free

WINDOW   night
started  large
at rest  long, short, spare
GPU 0    large 25 GiB of 24 GiB, 1 GiB too much
GPU 1    large 25 GiB of 24 GiB, 1 GiB too much

OVERRIDE  FROM              UNTIL             BY   REASON
night     2026-10-25 13:00  2026-10-25 16:20  ann  a large batch

It can never run: GPU 0: large 25 GiB of 24 GiB.
It can never run: GPU 1: large 25 GiB of 24 GiB.
`);
});

test("without GPUs", () => {
  const specs = [{ name: "long", gpus: [], vram: 0, preload: true }];
  expect(`\n${textOf([], { specs, gpus: [] }, 1)}\n`).toBe(`
Sunday, 2026-10-25, Europe/Berlin, UTC+02:00. The clocks go from 03:00 to 02:00, UTC+01:00.

FROM          TO            WINDOW  WHY
00:00 +02:00  02:00 +02:00  day     otherwise
02:00 +02:00  06:30 +01:00  night   02:00 to 06:30
06:30 +01:00  24:00 +01:00  day     otherwise

WINDOW   day
started  long

WINDOW   night
at rest  long
`);
});
