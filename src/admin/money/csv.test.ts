import { expect, test } from "bun:test";
import { type CsvCell, csvOf } from "./csv.ts";

const cells: readonly [cell: CsvCell, written: string][] = [
  ["gpt-4o", "gpt-4o"],
  ["", ""],
  ["модель 🙂", "модель 🙂"],
  ["a,b", '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ["two\nlines", '"two\nlines"'],
  ["two\r\nlines", '"two\r\nlines"'],
  [0, "0"],
  [-1.5, "-1.5"],
  [9_007_199_254_740_993n, "9007199254740993"],
  ["-3", "-3"],
  ["+3.5", "+3.5"],
  ["=1+1", "'=1+1"],
  ["+1+1", "'+1+1"],
  ["-1+1", "'-1+1"],
  ["-", "'-"],
  ["@SUM(A1)", "'@SUM(A1)"],
  ["\t=1", "'\t=1"],
  ["\r=1", '"\'\r=1"'],
  ['=HYPERLINK("http://x.example","y")', '"\'=HYPERLINK(""http://x.example"",""y"")"'],
  ["a=1", "a=1"],
];
test.each(cells)("%p is written %s", (cell, written) => {
  expect(csvOf(["name", "next"], [[cell, 1]])).toBe(`name,next\r\n${written},1\r\n`);
});

test("headings alone, where there are no rows", () => {
  expect(csvOf(["a", "b"], [])).toBe("a,b\r\n");
});
