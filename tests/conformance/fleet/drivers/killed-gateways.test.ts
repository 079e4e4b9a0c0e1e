import { afterAll, describe, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openProcessDriver } from "../../../../src/fleet/drivers/process/process-driver.ts";
import { until } from "../../../harness/until.ts";

const root = mkdtempSync(join(tmpdir(), "signalbox-killed-"));
afterAll(() => rmSync(root, { recursive: true }));
const DYING = join(import.meta.dir, "dying-gateway.ts");

/** Processes of this machine whose environment says that a start in this folder made them: known by a word only they have. */
function strangers(word: string): { readonly pid: number; readonly start: string }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const environment = environmentOf(pid).split("\0");
      const start = environment.find((entry) => entry.startsWith("SIGNALBOX_ENGINE="))?.slice("SIGNALBOX_ENGINE=".length);
      return start !== undefined && environment.includes(`CUDA_TEST=${word}`) ? [{ pid: Number(pid), start }] : [];
    });
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}

describe.skipIf(process.platform !== "linux")(
  "a gateway killed while it starts and stops engines leaves none that the next does not know (Linux: /proc)",
  () => {
    const rows: [when: string, milliseconds: number | undefined, held: number | undefined][] = [
      ["with one process made and not written down", undefined, 1],
      ["with two processes made and not written down", undefined, 2],
      ...[0, 3, 7, 12, 20, 33, 54, 88].map((milliseconds): [string, number, undefined] => [`${milliseconds} ms after its first`, milliseconds, undefined]),
    ];
    test.each(rows)("%s", async (_, milliseconds, held) => {
      const folder = mkdtempSync(join(root, "engines-"));
      const gateway = spawn(process.execPath, [DYING, folder, ...(held === undefined ? [] : [String(held)])], {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, CUDA_TEST: folder },
      });
      const exited = once(gateway, "exit");
      await once(gateway.stdout, "data");
      if (milliseconds !== undefined) {
        await Bun.sleep(milliseconds);
        gateway.kill("SIGKILL");
      }
      expect((await exited)[1]).toBe("SIGKILL");

      const driver = openProcessDriver({ folder, install: "dying", environment: process.env });
      // What stood at the gate goes by itself; all that is left is known.
      await until("the rest to be known", async () => {
        const known = new Set((await driver.list()).filter(({ status }) => status === "running").map(({ name }) => name));
        return strangers(folder).every(({ start }) => known.has(start));
      });
      for (const { name } of await driver.list()) {
        await driver.stop(name, 2000);
        await driver.remove(name);
      }
      expect(strangers(folder)).toEqual([]);
      expect(await driver.list()).toEqual([]);
      await driver.close();
    });
  },
);
