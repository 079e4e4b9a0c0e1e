import { expect, test } from "bun:test";
import fc from "fast-check";
import { fittingId } from "./tool-ids.ts";

const FITS = /^[a-zA-Z0-9_-]{1,64}$/;

test.each(["call_1", "toolu_01AbC", "a", "x".repeat(64)])("%s fits and stays", (id) => {
  expect(fittingId(id, FITS)).toBe(id);
});

test.each(["a:b", "a.b", "a/b", "", "x".repeat(65), "вызов", "a b"])("%j is rewritten to fit, the same way every time", (id) => {
  expect(fittingId(id, FITS)).toMatch(FITS);
  expect(fittingId(id, FITS)).toBe(fittingId(id, FITS));
});

test("never two ids to one", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(fc.string(), fc.stringMatching(/^[a-z:./]{60,70}$/)), { minLength: 2, maxLength: 50 }), (ids) => {
      expect(new Set(ids.map((id) => fittingId(id, FITS))).size).toBe(ids.length);
    }),
  );
  // Ids that a sloppy rewrite (replacing or cutting) would merge.
  const close = ["a:b", "a.b", "a/b", "a_b", ...Array.from({ length: 20_000 }, (_, index) => `${"x".repeat(64)}:${index}`)];
  expect(new Set(close.map((id) => fittingId(id, FITS))).size).toBe(close.length);
});
