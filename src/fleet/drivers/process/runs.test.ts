import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DriverEvent } from "../driver.ts";
import type { RunningStart } from "./ending.ts";
import type { Processes } from "./processes.ts";
import { recordsIn } from "./records.ts";
import { Runs } from "./runs.ts";

const folder = mkdtempSync(join(tmpdir(), "signalbox-runs-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** A machine whose only process is alive as long as it is said to be. */
function scene() {
  const machine = { alive: true };
  const start: RunningStart = {
    install: "test",
    name: "a-1",
    engine: "a",
    generation: 1,
    hash: "h",
    gpus: [],
    run: { pid: 2 ** 22 + 7, birth: "boot 17", port: 20_001 },
  };
  const processes: Processes = {
    birthOf: async () => (machine.alive ? start.run.birth : undefined),
    groupOf: async () => [],
    carries: async () => false,
    endedForMemory: async () => 0,
  };
  const runs = new Runs(processes, recordsIn(folder));
  const told: DriverEvent[] = [];
  const { promise: exited, resolve: exit } = Promise.withResolvers<{ code: number; killed: boolean }>();
  return { machine, start, runs, told, exited, exit, watch: () => runs.watch((event) => told.push(event)) };
}

const ended = (code?: number): DriverEvent => ({ type: "exited", name: "a-1", exit: { ...(code !== undefined && { code }), outOfMemory: false } });

describe("what runs", () => {
  test("is not taken up again by who read of it before its end", async () => {
    const { runs, start, told, exited, exit, watch } = scene();
    watch();
    await runs.begin(start, exited);
    exit({ code: 7, killed: false });
    expect(await runs.gone("a-1")).toEqual({ code: 7, outOfMemory: false });
    runs.adopt(start);
    expect(await runs.gone("a-1")).toEqual({ code: 7, outOfMemory: false });
    expect(told).toEqual([ended(7)]);
    runs.close();
  });

  test("is our child, though it was seen before we said so", async () => {
    const { runs, start, told, exited, exit, watch } = scene();
    watch();
    runs.adopt(start);
    await runs.begin(start, exited);
    exit({ code: 3, killed: false });
    await runs.gone("a-1");
    expect(told).toEqual([ended(3)]);
    runs.close();
  });

  test("keeps its port until it ends", async () => {
    const { runs, start } = scene();
    runs.adopt(start);
    expect([...runs.ports]).toEqual([20_001]);
    await runs.gone("a-1");
    expect([...runs.ports]).toEqual([]);
  });

  test("is looked at when nobody else tells of its end", async () => {
    const { runs, start, machine, told, watch } = scene();
    runs.adopt(start);
    machine.alive = false;
    watch();
    await runs.gone("a-1");
    expect(told).toEqual([ended()]);
    runs.close();
  });

  test("is told of to nobody once we are closed, and whoever waits for its end goes on", async () => {
    const { runs, start, told, exited, exit, watch } = scene();
    watch();
    await runs.begin(start, exited);
    const gone = runs.gone("a-1");
    runs.close();
    exit({ code: 0, killed: false });
    expect(await gone).toEqual({ code: 0, outOfMemory: false });
    expect(told).toEqual([]);
  });
});
