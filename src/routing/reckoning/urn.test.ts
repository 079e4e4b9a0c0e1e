import { expect, test } from "bun:test";
import { seeded } from "../../vocabulary/seeded.fixture.ts";
import type { Option } from "../able/option.ts";
import { Urn } from "./urn.ts";

/** Only their places are looked at. */
const options = [0, 1, 2].map((index) => ({ index }) as Option);
const peers = { options, indexes: Int32Array.from([0, 1, 2]) };

function* everybody(urn: Urn): Iterable<Option> {
  urn.fill(peers);
  for (let option = urn.draw(); option !== undefined; option = urn.draw()) yield option;
}

test.each([
  [
    [6, 3, 1],
    [0.6, 0.3, 0.1],
  ],
  [
    [0, 0, 0],
    [1 / 3, 1 / 3, 1 / 3],
  ],
  [
    [1, 0, 1],
    [0.5, 0, 0.5],
  ],
])("weights %j: everybody once, and first by weight", (weights, shares) => {
  const random = seeded(3);
  const firsts = [0, 0, 0];
  const urn = new Urn(Float64Array.from(weights), random);
  for (let time = 0; time < 10_000; time++) {
    const order = [...everybody(urn)].map(({ index }) => index);
    expect(order.toSorted()).toEqual([0, 1, 2]);
    firsts[order[0] as number] = (firsts[order[0] as number] ?? 0) + 1;
  }
  for (const [index, share] of shares.entries()) expect(Math.abs((firsts[index] ?? 0) / 10_000 - share)).toBeLessThan(0.02);
});

test("the second is drawn from those left, by their weights", () => {
  const urn = new Urn(Float64Array.from([6, 3, 1]), seeded(4));
  let seconds = 0;
  let times = 0;
  for (let time = 0; time < 20_000; time++) {
    const [first, second] = [...everybody(urn)];
    if (first?.index !== 0) continue;
    times++;
    if (second?.index === 1) seconds++;
  }
  expect(Math.abs(seconds / times - 0.75)).toBeLessThan(0.02);
});
