import { describe, expect, test } from "bun:test";
import { createSightings, inOrder, type Sighting } from "./sightings.ts";

const LATER = 60_000;
const NOON = Date.UTC(2026, 10, 22, 12);

/** Sightings that are written when they are asked to be, and what was. */
function sightingsOver(write: (sightings: readonly Sighting[]) => Promise<void> = async () => undefined) {
  const written: string[][] = [];
  const sightings = createSightings(
    async (batch) => {
      written.push(batch.map(({ id, at }) => `${id} ${at - NOON}`));
      await write(batch);
    },
    { every: LATER, again: 60_000 },
  );
  return { ...sightings, written };
}

describe("when something was seen", () => {
  test("is written down together, each once a minute at most", async () => {
    const { seen, flush, written } = sightingsOver();
    for (let second = 0; second < 130; second++) {
      seen("ann", NOON + second * 1000);
      if (second % 90 === 5) seen("bob", NOON + second * 1000);
      if (second % 10 === 0) await flush();
    }
    await flush();
    expect(written).toEqual([["ann 0"], ["bob 5000"], ["ann 60000"], ["bob 95000"], ["ann 120000"]]);
  });

  test("does not go back with a request that began long ago", async () => {
    const { seen, flush, written } = sightingsOver();
    seen("ann", NOON);
    seen("ann", NOON - 600_000);
    await flush();
    await flush();
    expect(written).toEqual([["ann 0"]]);
  });

  test("is forgotten where it cannot be written: nobody fails for it", async () => {
    const { seen, flush, written } = sightingsOver(() => Promise.reject(new Error("away")));
    seen("ann", NOON);
    await flush();
    seen("ann", NOON + 30_000);
    seen("ann", NOON + 60_000);
    await flush();
    expect(written).toEqual([["ann 0"], ["ann 60000"]]);
  });

  test("is written by itself after a while", async () => {
    const { promise, resolve } = Promise.withResolvers<readonly Sighting[]>();
    const { seen } = createSightings(async (batch) => resolve(batch), { every: 1 });
    seen("ann", NOON);
    expect(await promise).toEqual([{ id: "ann", at: NOON }]);
  });
});

test("rows are changed in one order everywhere", () => {
  const ids = (...all: string[]) => inOrder(all.map((id) => ({ id, at: 0 }))).map(({ id }) => id);
  expect([ids("b", "a", "c"), ids("c", "b", "a")]).toEqual([
    ["a", "b", "c"],
    ["a", "b", "c"],
  ]);
});
