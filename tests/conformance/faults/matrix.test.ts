import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SPEAKERS } from "../matrix/matrix.ts";
import { FAULTS } from "./faults.ts";
import { type FaultMatrix, openFaultMatrix, tableOnPage } from "./matrix.ts";

/**
 * Every way of failing, with a healthy deployment behind the one that fails. Before content nobody hears of it: the healthy answer, whole
 * and once. After it the client has what was said, one typed error and a clean end, and never a second answer.
 */
let matrix: FaultMatrix;
beforeAll(async () => {
  matrix = await openFaultMatrix();
});
afterAll(async () => {
  console.log(`\n${matrix.text()}\n`);
  await matrix.stop();
});

describe.each(Object.keys(FAULTS))("%s", (fault) => {
  test.each(SPEAKERS.map((client) => [client.dialect, client] as const))("%s", async (_dialect, client) => {
    expect(await matrix.fill(fault, client)).toEqual([]);
  });
});

test("the page has this table; `bun tests/conformance/faults/page.ts` writes it", () => {
  expect(tableOnPage()).toBe(matrix.text());
});
