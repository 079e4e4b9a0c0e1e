import { afterAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { until } from "../../../../tests/harness/until.ts";
import { otherProcesses, processesOf } from "./processes.ts";

const rows = [
  [process.platform, processesOf(process.platform)],
  ["others, by ps", otherProcesses],
] as const;

describe.each(rows)("processes of %s", (_, processes) => {
  // One that leads a group of two, and one that is its own.
  const leader = spawn("sh", ["-c", "sleep 300 & exec sleep 301"], { detached: true, env: { MARK: "one two", OTHER: "here" } });
  const pid = leader.pid ?? 0;
  afterAll(() => {
    process.kill(-pid, "SIGKILL");
  });

  test("have a birth as long as they run, and keep it", async () => {
    const birth = await processes.birthOf(pid);
    expect(birth).toBeString();
    expect(await processes.birthOf(pid)).toBe(birth ?? "");
    expect(await processes.birthOf(2 ** 22 + 1)).toBeUndefined();
  });

  test("are of a group", async () => {
    await until("the second of the group", async () => (await processes.groupOf(pid)).length === 2);
    expect(await processes.groupOf(pid)).toContain(pid);
    expect(await processes.groupOf(2 ** 22 + 1)).toEqual([]);
  });

  test("carry their environment", async () => {
    expect([await processes.carries(pid, "OTHER=here"), await processes.carries(pid, "OTHER=her"), await processes.carries(process.pid, "OTHER=here")]).toEqual(
      [true, false, false],
    );
  });

  test("that the kernel ended for memory are counted", async () => {
    expect(await processes.endedForMemory()).toBeGreaterThanOrEqual(0);
  });
});

describe("a process that has ended and that nobody has asked about", () => {
  // Its parent, a shell that has become a sleep, never asks.
  const parent = spawn("sh", ["-c", "(exit 0) & echo $!; exec sleep 300"], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
  afterAll(() => {
    process.kill(-(parent.pid ?? 0), "SIGKILL");
  });

  test.each(rows)("has ended, to %s", async (_, processes) => {
    const ended = await childOf(parent.stdout);
    await until("it to end", async () => (await processes.birthOf(ended)) === undefined);
    expect(await processes.groupOf(parent.pid ?? 0)).toEqual([parent.pid ?? 0]);
  });
});

let told: Promise<number> | undefined;
function childOf(output: NodeJS.ReadableStream): Promise<number> {
  told ??= new Promise((resolve) => output.once("data", (text) => resolve(Number(text))));
  return told;
}
