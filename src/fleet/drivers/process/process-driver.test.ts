import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../../tests/harness/until.ts";
import type { DriverEvent, EngineDriver } from "../driver.ts";
import { launchOf, shell } from "./launch.fixture.ts";
import { openProcessDriver, type ProcessDriverOptions } from "./process-driver.ts";
import { processesOf } from "./processes.ts";
import { recordsIn } from "./records.ts";

// What every driver does is in tests/conformance/fleet/drivers; here is what only processes do.

const root = mkdtempSync(join(tmpdir(), "signalbox-processes-"));
afterAll(() => rmSync(root, { recursive: true }));
const processes = processesOf(process.platform);
const NAME = "signalbox-test-tiny-1";

let folder: string;
const opened: EngineDriver[] = [];
const open = (changes: Partial<ProcessDriverOptions> = {}) => {
  const driver = openProcessDriver({ folder, install: "test", environment: process.env, ...changes });
  opened.push(driver);
  return driver;
};
beforeEach(() => {
  folder = mkdtempSync(join(root, "engines-"));
});
afterEach(async () => {
  for (const driver of opened.splice(0)) {
    for (const { name } of await driver.list().catch(() => [])) await driver.stop(name, 0);
    await driver.close();
  }
});

async function started(driver: EngineDriver, script: string): Promise<number> {
  await driver.create(launchOf(shell(script)));
  return (await driver.start(NAME)).pid ?? 0;
}

/** A group whose first process has ended, of somebody who has nothing to do with us. */
async function orphans(environment: Record<string, string>): Promise<{ group: number; orphan: number }> {
  const leader = spawn("sh", ["-c", "sleep 300 & echo $!"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
    env: { PATH: process.env["PATH"], ...environment },
  });
  const orphan = await new Promise<number>((resolve) => leader.stdout.once("data", (text) => resolve(Number(text))));
  await until("the first of the group to end", async () => (await processes.birthOf(leader.pid ?? 0)) === undefined);
  return { group: leader.pid ?? 0, orphan };
}

describe("the process driver", () => {
  test("ends children's children too, those that ignore it by force", async () => {
    const driver = open();
    const pid = await started(driver, '(trap "" TERM; sleep 300 & sleep 300) & sleep 300');
    await until("all of them", async () => (await processes.groupOf(pid)).length >= 4);
    await driver.stop(NAME, 100);
    expect(await processes.groupOf(pid)).toEqual([]);
  });

  test("ends what an engine left behind when it died, before it is removed", async () => {
    const driver = open();
    const pid = await started(driver, "sleep 300 & exit 4");
    await until("it to be seen", async () => (await driver.list())[0]?.status === "exited");
    expect(await processes.groupOf(pid)).toHaveLength(1);
    await driver.remove(NAME);
    expect(await processes.groupOf(pid)).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("takes no process for ours that has an engine's id and not its birth", async () => {
    const stranger = spawn("sleep", ["300"], { detached: true });
    const pid = stranger.pid ?? 0;
    const records = recordsIn(folder);
    const record = { install: "test", name: NAME, engine: "tiny", generation: 1, hash: "hash", gpus: [] };
    await records.create(record);
    await records.write({ ...record, run: { pid, birth: "another boot 17", port: 20_001 } });
    const driver = open();
    expect(await driver.list()).toMatchObject([{ name: NAME, status: "exited", exit: { outOfMemory: false } }]);
    await driver.stop(NAME, 0);
    await driver.remove(NAME);
    expect(await processes.birthOf(pid)).toBeString();
    stranger.kill("SIGKILL");
  });

  for (const [whose, mark, spared] of [
    ["somebody else's", "another", true],
    ["ours", NAME, false],
  ] as const) {
    test(`a group whose first process has ended is ${whose} by its mark`, async () => {
      const { group, orphan } = await orphans({ SIGNALBOX_ENGINE: mark });
      const records = recordsIn(folder);
      const record = { install: "test", name: NAME, engine: "tiny", generation: 1, hash: "hash", gpus: [] };
      await records.create(record);
      await records.write({ ...record, run: { pid: group, birth: "this boot 17", port: 20_001 } });
      await open().stop(NAME, 0);
      expect((await processes.birthOf(orphan)) !== undefined).toBe(spared);
      if (spared) process.kill(orphan, "SIGKILL");
    });
  }

  test("gives each engine a port of its own, and says so when there is none", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)));
    const driver = open({ ports: { from: port, to: port } });
    await driver.create(launchOf(shell("sleep 300")));
    await expect(driver.start(NAME)).rejects.toMatchObject({ reason: "port-taken", message: expect.stringContaining(`between ${port} and ${port}`) });
    expect(await driver.list()).toMatchObject([{ status: "created" }]);
    await new Promise((resolve) => server.close(resolve));
    expect((await driver.start(NAME)).baseUrl).toBe(`http://127.0.0.1:${port}/v1`);
    // It does not listen yet, and its port is its own all the same.
    await driver.create(launchOf(shell("sleep 300"), { name: "signalbox-test-other-1" }));
    await expect(driver.start("signalbox-test-other-1")).rejects.toMatchObject({ reason: "port-taken" });
  });

  test("starts one again that has ended", async () => {
    const driver = open();
    const told: DriverEvent[] = [];
    driver.watch((event) => told.push(event));
    for (const times of [1, 2]) {
      await started(driver, "echo run; exit 6");
      await until("its end", () => told.length === times);
      expect(await driver.list()).toMatchObject([{ status: "exited", exit: { code: 6 } }]);
    }
    expect(await driver.logs(NAME, 10)).toBe("run\nrun");
  });

  test("starts nothing that an earlier driver created, and says what to do", async () => {
    await open().create(launchOf(shell("sleep 300")));
    await expect(open().start(NAME)).rejects.toMatchObject({ reason: "failed", message: expect.stringContaining("Remove it, and create it anew.") });
  });

  test("makes nothing of another description under the same name", async () => {
    const driver = open();
    await driver.create(launchOf(shell("sleep 300")));
    await expect(driver.create(launchOf(shell("sleep 300"), {}, { hash: "another" }))).rejects.toMatchObject({ reason: "name-taken" });
  });

  test("remembers how an engine ended, for the next gateway", async () => {
    const driver = open();
    const told: DriverEvent[] = [];
    driver.watch((event) => told.push(event));
    await started(driver, "exit 9");
    await until("its end", () => told.length === 1);
    await until("it to be written down", async () => (await open().list())[0]?.exit?.code === 9);
  });

  for (const [how, before, after, outOfMemory] of [
    ["by somebody", 0, 0, false],
    ["for the machine's memory", 0, 1, true],
    ["by somebody, after the kernel had ended another for memory", 1, 1, false],
  ] as const) {
    test(`tells of an engine that was killed ${how}`, async () => {
      let ended = before;
      const driver = open({ processes: { ...processes, endedForMemory: async () => ended } });
      const told: DriverEvent[] = [];
      driver.watch((event) => told.push(event));
      const pid = await started(driver, "sleep 300");
      ended = after;
      process.kill(pid, "SIGKILL");
      await until("its end", () => told.length === 1);
      expect(told).toEqual([{ type: "exited", name: NAME, exit: { code: 137, outOfMemory } }]);
    });
  }

  test("says what the machine did not let it do", async () => {
    const driver = open({ folder: "/dev/null/engines" });
    await expect(driver.create(launchOf(shell("sleep 300")))).rejects.toMatchObject({
      name: "DriverFailure",
      reason: "failed",
      message: expect.stringContaining("/dev/null/engines"),
    });
  });

  test("runs nothing whose start cannot be written down", async () => {
    const held: number[] = [];
    const away = `${folder}-away`;
    const birthOf = (pid: number) => {
      held.push(pid);
      // Where the record would be written: not there.
      if (held.length === 1) renameSync(join(folder, NAME), away);
      return processes.birthOf(pid);
    };
    const driver = open({ processes: { ...processes, birthOf } });
    await driver.create(launchOf(shell(`touch ${folder}/ran; exec sleep 300`)));
    await expect(driver.start(NAME)).rejects.toMatchObject({ reason: "failed" });
    expect(held).toHaveLength(1);
    renameSync(away, join(folder, NAME));
    await until("the process to end", async () => (await processes.birthOf(held[0] ?? 0)) === undefined);
    expect(existsSync(join(folder, "ran"))).toBe(false);
    expect(await driver.list()).toMatchObject([{ status: "created" }]);
  });

  test("leaves no secret of the gateway's with an engine", async () => {
    const driver = open({ environment: { ...process.env, OPENAI_API_KEY: "sk-secret", DATABASE_URL: "postgres://secret" } });
    const pid = await started(driver, "env; exec sleep 300");
    await until("its environment", async () => (await driver.logs(NAME, 100)).includes("SIGNALBOX_ENGINE"));
    expect(await driver.logs(NAME, 100)).not.toContain("secret");
    expect(pid).toBeGreaterThan(1);
    expect(readFileSync(join(folder, NAME, "start.json"), "utf8")).not.toContain("secret");
  });
});
