import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { schemasAtHand } from "../../specs/vendors.ts";
import { FEATURES } from "./features.ts";
import { type Matrix, openMatrix, SPEAKERS, UPSTREAMS } from "./matrix.ts";

/** Every cell is right, or explained. */
let matrix: Matrix;
beforeAll(async () => {
  matrix = await openMatrix();
});
afterAll(async () => {
  console.log(`\n${matrix.text()}\n`);
  await matrix.stop();
});

describe.each(SPEAKERS.map((speaker) => [speaker.dialect, speaker] as const))("%s", (_dialect, speaker) => {
  describe.each(Object.keys(UPSTREAMS))("over %s", (upstream) => {
    test.each(Object.keys(FEATURES))("%s", async (feature) => {
      const { problems, misfits, decision } = await matrix.fill(speaker, upstream, feature);
      expect(misfits).toEqual([]);
      if (decision === undefined) expect(problems).toEqual([]);
      else if (schemasAtHand || !decision.misfits) expect(problems.length, `it works, though it is said: ${decision.why}`).toBeGreaterThan(0);
    });
  });
});

test("no cell is empty, and none is unexplained", () => {
  const rows = matrix
    .text()
    .split("\n")
    .slice(2, 2 + Object.keys(FEATURES).length);
  const cells = rows.flatMap((row) =>
    row
      .split("|")
      .slice(2, -1)
      .map((cell) => cell.trim()),
  );
  expect(cells).toHaveLength(Object.keys(FEATURES).length * SPEAKERS.length * Object.keys(UPSTREAMS).length);
  expect(cells.filter((cell) => cell !== "yes" && !/^\(\d+\)$/.test(cell))).toEqual([]);
});
