import { expect, test } from "bun:test";
import fc from "fast-check";
import { linesOf } from "./lines-of.ts";

async function read(text: string, cuts: readonly number[], longest = 1000): Promise<string[]> {
  const bytes = Buffer.from(text);
  const chunks = async function* () {
    let from = 0;
    for (const to of [...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other), bytes.length]) {
      yield bytes.subarray(from, to);
      from = to;
    }
  };
  const found: string[] = [];
  for await (const { number, bytes: line } of linesOf(chunks(), longest)) found.push(`${number}:${line === undefined ? "too long" : Buffer.from(line)}`);
  return found;
}

test.each<[string, string[]]>([
  ["", []],
  ["a", ["1:a"]],
  ["a\n", ["1:a"]],
  ["a\nб", ["1:a", "2:б"]],
  ["\n\na\n", ["1:", "2:", "3:a"]],
  ["a\r\nb", ["1:a\r", "2:b"]],
])("%p", async (text, expected) => {
  expect(await read(text, [])).toEqual(expected);
});

test("however they are cut", () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("a", "\n", "ж", "🙂")), fc.array(fc.nat()), async (letters, cuts) => {
      const text = letters.join("");
      expect(await read(text, cuts)).toEqual(await read(text, []));
    }),
  ));

test("one that is too long is told, and those after it are read", async () => {
  expect(await read(`a\n${"b".repeat(11)}\n${"c".repeat(10)}\n`, [4, 7], 10)).toEqual(["1:a", "2:too long", `3:${"c".repeat(10)}`]);
});
