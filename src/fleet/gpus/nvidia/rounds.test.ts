import { expect, test } from "bun:test";
import type { GpuLine } from "./parse.ts";
import { rounds } from "./rounds.ts";

test.each<[string, number | undefined, string, string[]]>([
  ["as many lines as there are GPUs", 2, "0 1 0 1", ["0 1", "0 1"]],
  ["one GPU", 1, "0 0 0", ["0", "0", "0"]],
  ["eight", 8, "0 1 2 3 4 5 6 7 0", ["0 1 2 3 4 5 6 7"]],
  ["one is lost: its round is over with the next", 3, "0 2 0 2 0", ["0 2", "0 2"]],
  ["a driver that does not count", undefined, "0 1 0 1", ["0 1"]],
])("%s", (_case, count, lines, expected) => {
  const seen: string[] = [];
  const put = rounds((gpus) => seen.push(gpus.map(({ index }) => index).join(" ")));
  for (const index of lines.split(" ")) put({ index, count, name: "GPU", mig: false } satisfies GpuLine);
  expect(seen).toEqual(expected);
});
