import { expect, test } from "bun:test";
import { shownWindow, windowOf } from "./window.ts";

const HOUR = 3_600_000;

test.each([
  ["24h", 24 * HOUR],
  ["1h", HOUR],
  ["3d", 72 * HOUR],
  ["14d", 336 * HOUR],
  ["15d", undefined],
  ["0h", undefined],
  ["24", undefined],
  ["soon", undefined],
  ["", undefined],
])("%p", (text, expected) => {
  expect(windowOf(text)).toBe(expected as number);
});

test("what is shown is read again", () => {
  for (const window of [1, HOUR, 36 * HOUR, 1000 * HOUR]) expect(windowOf(shownWindow(window))).toBeGreaterThanOrEqual(HOUR);
  expect(shownWindow(36 * HOUR)).toBe("36h");
});
