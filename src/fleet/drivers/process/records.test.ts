import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recordsIn, type StartRecord } from "./records.ts";

const root = mkdtempSync(join(tmpdir(), "signalbox-records-"));
afterAll(() => rmSync(root, { recursive: true }));
let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(root, "records-")), "engines");
});

const created: StartRecord = { install: "test", name: "a-1", engine: "a", generation: 1, hash: "h", gpus: ["0", "1"] };

describe("records of starts", () => {
  test("are none where there is no folder", async () => {
    const records = recordsIn(folder);
    expect(await records.all()).toEqual([]);
    expect(await records.read("a-1")).toBeUndefined();
    await records.remove("a-1");
  });

  const rows: StartRecord[] = [
    created,
    { ...created, run: { pid: 42, birth: "boot 17", port: 20_001 } },
    { ...created, run: { pid: 42, birth: "boot 17", port: 20_001 }, exit: { code: 137, outOfMemory: true } },
    { ...created, run: { pid: 42, birth: "boot 17", port: 20_001 }, exit: { outOfMemory: false } },
  ];
  for (const record of rows) {
    test(`are read as they were written: ${JSON.stringify(record).slice(80)}`, async () => {
      const records = recordsIn(folder);
      await records.create(created);
      await records.write(record);
      expect(await recordsIn(folder).all()).toEqual([record]);
      await records.remove("a-1");
      expect(await records.all()).toEqual([]);
    });
  }

  test("are for this user only", async () => {
    await recordsIn(folder).create(created);
    expect(statSync(join(folder, "a-1")).mode & 0o077).toBe(0);
    expect(statSync(join(folder, "a-1", "start.json")).mode & 0o077).toBe(0);
  });

  test("are not made anew of what was removed", async () => {
    const records = recordsIn(folder);
    await records.create(created);
    await records.remove("a-1");
    await expect(records.write(created)).rejects.toThrow();
    expect(await records.all()).toEqual([]);
  });

  test("written by two at once are one of both, whole", async () => {
    const [ours, theirs] = [recordsIn(folder), recordsIn(folder)];
    await ours.create(created);
    const run = { pid: 42, birth: "boot 17", port: 20_001 };
    const long: StartRecord = { ...created, run, exit: { code: 143, outOfMemory: false } };
    const short: StartRecord = { ...created, run, exit: { outOfMemory: false } };
    for (let round = 0; round < 50; round++) {
      await Promise.all([ours.write(long), theirs.write(short)]);
      expect<(StartRecord | undefined)[]>([long, short]).toContainEqual(await ours.read("a-1"));
    }
  });

  test("half written when their gateway was killed are those there were before", async () => {
    const records = recordsIn(folder);
    await records.create(created);
    writeFileSync(join(folder, "a-1", "start.json.1"), '{"install": "te');
    mkdirSync(join(folder, "b-1"));
    writeFileSync(join(folder, "b-1", "start.json.1"), "");
    expect(await records.all()).toEqual([created]);
  });

  for (const text of ["", "{}", '{"install": 1}', "nonsense"]) {
    test(`that somebody else wrote are not passed over: ${text || "nothing"}`, async () => {
      const records = recordsIn(folder);
      await records.create(created);
      writeFileSync(join(folder, "a-1", "start.json"), text);
      await expect(records.all()).rejects.toThrow("End the engine it was for, if it runs, and remove its folder.");
    });
  }
});
