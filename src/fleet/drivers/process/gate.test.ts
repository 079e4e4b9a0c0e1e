import { afterAll, describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../../../../tests/harness/until.ts";
import { holdAtGate } from "./gate.ts";
import { processesOf } from "./processes.ts";

const folder = mkdtempSync(join(tmpdir(), "signalbox-gate-"));
afterAll(() => rmSync(folder, { recursive: true }));
const processes = processesOf(process.platform);
const environment = { PATH: process.env["PATH"] ?? "" };
const output = openSync(join(folder, "output"), "a");
afterAll(() => closeSync(output));

describe("a process held at the gate", () => {
  test("does nothing until it is let go, and is the command then, with the same id and birth", async () => {
    const held = await holdAtGate({ command: ["sh", "-c", 'echo "I am $$, told $0"; cat; exit 3', "a b"], environment, output });
    const birth = await processes.birthOf(held.pid);
    expect(readFileSync(join(folder, "output"), "utf8")).toBe("");
    held.go();
    expect(await held.ended).toEqual({ code: 3, killed: false });
    // Its input is nobody's: it read nothing of it and did not wait.
    expect(readFileSync(join(folder, "output"), "utf8")).toBe(`I am ${held.pid}, told a b\n`);
    expect(birth).toBeString();
  });

  test("ends without having run anything when it is abandoned", async () => {
    const held = await holdAtGate({ command: ["touch", join(folder, "abandoned")], environment, output });
    held.abandon();
    await held.ended;
    expect(existsSync(join(folder, "abandoned"))).toBe(false);
  });

  test("ends without having run anything when whoever holds it is killed", async () => {
    const script = `
      const { holdAtGate } = await import(${JSON.stringify(join(import.meta.dir, "gate.ts"))});
      const { pid } = await holdAtGate({ command: ["touch", ${JSON.stringify(join(folder, "killed"))}], environment: {}, output: 2 });
      require("node:fs").writeSync(1, String(pid));
      process.kill(process.pid, "SIGKILL");`;
    const { stdout, signal } = spawnSync(process.execPath, ["-e", script], { encoding: "utf8", env: environment });
    expect(signal).toBe("SIGKILL");
    expect(Number(stdout)).toBeGreaterThan(1);
    await until("it to end", async () => (await processes.birthOf(Number(stdout))) === undefined);
    expect(existsSync(join(folder, "killed"))).toBe(false);
  });

  test("tells which signal ended it, as shells do", async () => {
    for (const [signal, code, killed] of [
      ["SIGTERM", 143, false],
      ["SIGKILL", 137, true],
    ] as const) {
      const held = await holdAtGate({ command: ["sleep", "300"], environment, output });
      held.go();
      process.kill(-held.pid, signal);
      expect(await held.ended).toEqual({ code, killed });
    }
  });
});
