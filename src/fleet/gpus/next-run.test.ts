import { expect, test } from "bun:test";
import { nextRun } from "./next-run.ts";

test("what a caller gets began after the call, and one runs at a time", async () => {
  const finish: ((value: number) => void)[] = [];
  const run = nextRun(() => new Promise<number>((resolve) => finish.push(resolve)));
  const first = run();
  const [second, third] = [run(), run()];
  expect(finish.length).toBe(1);
  finish[0]?.(1);
  expect(await first).toBe(1);
  await Promise.resolve();
  expect(finish.length).toBe(2);
  const fourth = run();
  finish[1]?.(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  await Promise.resolve();
  expect(finish.length).toBe(3);
  finish[2]?.(3);
  expect(await fourth).toBe(3);
});
