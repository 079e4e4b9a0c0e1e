import { describe, expect, test } from "bun:test";
import { Neighbours, similarityOf } from "./neighbours.ts";

const clock = { time: 0, now: () => clock.time, elapsed: () => clock.time };
const some = (most = 10) => new Neighbours({ most, clock });
/** A direction in the plane, by its angle in degrees. */
const at = (degrees: number, length = 1) => Float32Array.of(length * Math.cos((degrees * Math.PI) / 180), length * Math.sin((degrees * Math.PI) / 180));

describe("the nearest", () => {
  test("is the one in the most alike direction, of the same scope, that is still kept", () => {
    const near = some();
    near.add("s", "m:0", at(0), 100);
    near.add("s", "m:20", at(20, 7), 100);
    near.add("other", "m:9", at(9), 100);
    near.add("s", "m:11", at(11), 50);
    expect(near.nearest("s", at(10))?.key).toBe("m:11");
    clock.time += 50;
    expect(near.nearest("s", at(10.5))).toMatchObject({ key: "m:20", similarity: expect.closeTo(Math.cos((9.5 * Math.PI) / 180), 5) });
    expect([near.nearest("nowhere", at(0)), near.nearest("s", Float32Array.of(1, 0, 0)), near.nearest("s", Float32Array.of(0, 0))]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("under one key the last counts, and forgetting is by how keys begin", () => {
    const near = some();
    near.add("s", "m:1", at(0), 100);
    near.add("s", "m:1", at(90), 100);
    near.add("s", "n:1", at(0), 100);
    expect([near.size, near.nearest("s", at(80))?.key]).toEqual([2, "m:1"]);
    near.forget("m:");
    expect([near.size, near.nearest("s", at(80))?.key]).toEqual([1, "n:1"]);
    near.forget("");
    expect([near.size, near.nearest("s", at(80))]).toEqual([0, undefined]);
  });

  test("of at most so many; what nobody was near to for longest goes first", () => {
    const near = some(2);
    near.add("s", "a", at(0), 100);
    near.add("s", "b", at(90), 100);
    near.nearest("s", at(1));
    near.add("t", "c", at(0), 100);
    expect([near.size, near.nearest("s", at(90))?.key]).toEqual([2, "a"]);
  });

  test("nothing that has no direction is remembered", () => {
    const near = some();
    near.add("s", "a", Float32Array.of(0, 0), 100);
    near.add("s", "b", Float32Array.of(Number.NaN, 1), 100);
    expect(near.size).toBe(0);
  });
});

test.each<[Float32Array, Float32Array, number]>([
  [at(0), at(0, 5), 1],
  [at(0), at(90), 0],
  [at(0), at(60), 0.5],
  [at(0), Float32Array.of(1), 0],
  [at(0), Float32Array.of(0, 0), 0],
])("%p and %p are %d alike", (one, other, expected) => expect(similarityOf(one, other)).toBeCloseTo(expected, 5));
