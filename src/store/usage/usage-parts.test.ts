import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { hourAfter, hourBefore, type Span, usageParts } from "./usage-parts.ts";
import { DAY, HOUR } from "./usage-sums.ts";

const MINUTE = HOUR / 60;
/** Nine days are added up, of which the first is day 0. */
const CLOSED = 9 * DAY;

const TABLE: readonly (readonly [name: string, span: Span, parts: ReturnType<typeof usageParts>])[] = [
  [
    "all of it",
    {},
    [
      { sums: "days", to: CLOSED },
      { sums: "hours", from: CLOSED },
    ],
  ],
  ["whole days", { from: DAY, to: 3 * DAY }, [{ sums: "days", from: DAY, to: 3 * DAY }]],
  [
    "days with hours at both ends, which are whole",
    { from: 2 * DAY - HOUR + MINUTE, to: 4 * DAY + MINUTE },
    [
      { sums: "days", from: 2 * DAY, to: 4 * DAY },
      { sums: "hours", from: 2 * DAY - HOUR, to: 2 * DAY },
      { sums: "hours", from: 4 * DAY, to: 4 * DAY + HOUR },
    ],
  ],
  ["hours of one day", { from: DAY + HOUR, to: DAY + 5 * HOUR }, [{ sums: "hours", from: DAY + HOUR, to: DAY + 5 * HOUR }]],
  ["hours of two days", { from: 2 * DAY - HOUR, to: 2 * DAY + HOUR }, [{ sums: "hours", from: 2 * DAY - HOUR, to: 2 * DAY + HOUR }]],
  ["the day that is not added up yet", { from: CLOSED, to: CLOSED + DAY }, [{ sums: "hours", from: CLOSED, to: CLOSED + DAY }]],
];

describe("the parts of a span", () => {
  test.each(TABLE)("%s", (_name, span, parts) => {
    expect(usageParts(span, { closed: CLOSED, byHour: false })).toEqual(parts);
    expect(usageParts(span, { closed: 0, byHour: false }).map(({ sums }) => sums)).toEqual(["hours"]);
    expect(usageParts(span, { closed: CLOSED, byHour: true }).map(({ sums }) => sums)).toEqual(["hours"]);
  });

  test("have each of its hours once, days only where they are whole and added up", () => {
    const time = fc.option(fc.integer({ min: 0, max: 12 * DAY }), { nil: undefined });
    fc.assert(
      fc.property(time, time, fc.integer({ min: 0, max: 12 }), (from, to, days) => {
        const closed = days * DAY;
        const found: number[] = [];
        for (const part of usageParts({ from, to }, { closed, byHour: false })) {
          const [first, end] = [part.from ?? 0, part.to ?? 12 * DAY];
          if (part.sums === "days") expect([first % DAY, end % DAY, end <= closed]).toEqual([0, 0, true]);
          for (let hour = first; hour < end; hour += HOUR) found.push(hour);
        }
        const wanted: number[] = [];
        for (let hour = hourBefore(from ?? 0); hour < hourAfter(to ?? 12 * DAY); hour += HOUR) wanted.push(hour);
        expect(found.toSorted((left, right) => left - right)).toEqual(wanted);
      }),
    );
  });
});
