import { expect, test } from "bun:test";
import { watchDatabase } from "./watch-database.ts";

test("a line when the database goes away and one when it is back, not one for every look", () => {
  const lines: string[] = [];
  const write = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  let trouble: string | undefined;
  let look = () => {};
  const stop = watchDatabase({ trouble: () => trouble }, { info: write, warn: write }, (_milliseconds, then) => {
    look = then;
    return () => {
      look = () => {};
    };
  });
  for (const next of [undefined, "gone", "still gone", undefined, undefined]) {
    trouble = next;
    look();
  }
  expect(lines).toEqual(['the database is away {"reason":"gone"}', "the database is back {}"]);
  stop();
  trouble = "gone";
  look();
  expect(lines).toHaveLength(2);
});
