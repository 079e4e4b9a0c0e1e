import { describe, expect, test } from "bun:test";
import type { Json } from "../vocabulary/json.ts";
import { type Directives, directivesOf, isOverride } from "./directives.ts";

const USUAL: Directives = { reads: true, keeps: true, only: false };
const read = (header: string | undefined, field?: Json) => directivesOf(new Headers(header === undefined ? {} : { "cache-control": header }), field);

describe("Cache-Control", () => {
  const rows: [string | undefined, Partial<Directives>][] = [
    [undefined, {}],
    ["", {}],
    ["no-store", { reads: false, keeps: false }],
    ["No-Cache", { reads: false }],
    ["max-age=60", { maxAge: 60_000 }],
    ['max-age="60", only-if-cached', { maxAge: 60_000, only: true }],
    ["max-age=60, max-age=5", { maxAge: 5000 }],
    ["max-age=0", { maxAge: 0 }],
    ["max-age=soon, private, max-stale=5", {}],
  ];
  test.each(rows)("%j", (header, expected) => expect(read(header)).toEqual({ ...USUAL, ...expected }));
});

describe("the field", () => {
  const rows: [Json, Partial<Directives>][] = [
    [{}, {}],
    [{ "no-cache": true }, { reads: false }],
    [{ "no-cache": false, "no-store": null }, {}],
    [{ "no-store": true }, { reads: false, keeps: false }],
    [
      { ttl: 600, "s-maxage": 0.5, namespace: "x" },
      { ttl: 600_000, maxAge: 500, namespace: "x" },
    ],
    [{ ttl: 0 }, { keeps: false, ttl: 0 }],
    [{ ttl: 1e12 }, { ttl: 30 * 86_400_000 }],
    [{ unknown: 1 }, {}],
    ["no-store", {}],
  ];
  test.each(rows)("%j", (field, expected) => expect(read(undefined, field)).toEqual({ ...USUAL, ...expected }));

  test("and the header: the stricter counts", () => {
    expect(read("no-cache, max-age=5", { "s-maxage": 60 })).toEqual({ ...USUAL, reads: false, maxAge: 5000 });
    expect(read("max-age=60", { "no-store": true, "s-maxage": 5 })).toEqual({ ...USUAL, reads: false, keeps: false, maxAge: 5000 });
  });

  test.each<[Json, string]>([
    [{ "no-cache": "yes" }, "cache.no-cache"],
    [{ ttl: -1 }, "cache.ttl"],
    [{ "s-maxage": "5" }, "cache.s-maxage"],
    [{ namespace: 5 }, "cache.namespace"],
    [{ namespace: "x".repeat(201) }, "cache.namespace"],
  ])("%j makes no sense", (field, param) => expect(() => read(undefined, field)).toThrow(param));

  test.each<[Json | undefined, boolean]>([
    [{}, true],
    [{ ttl: 1 }, true],
    [{ ttl: 1, other: 1 }, false],
    [null, false],
    [[], false],
    [undefined, false],
  ])("%j is for us: %j", (field, expected) => expect(isOverride(field)).toBe(expected));
});
