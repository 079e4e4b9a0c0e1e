import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { closeSync, mkdtempSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boundLog, lastLines, openLog } from "./log-file.ts";

const root = mkdtempSync(join(tmpdir(), "signalbox-logs-"));
afterAll(() => rmSync(root, { recursive: true }));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(root, "log-"));
});

describe("an engine's log", () => {
  test("is empty where nothing was said", async () => {
    expect(await lastLines(folder, 5)).toBe("");
    const log = openLog(folder);
    log.close();
    expect(await lastLines(folder, 5)).toBe("");
  });

  test("gives its last lines, also of an earlier file", async () => {
    const { output } = openLog(folder);
    writeSync(output, "one\ntwo\nthree\n");
    await boundLog(folder, 5);
    // The engine writes on, where the file begins now.
    writeSync(output, "four\nfive");
    closeSync(output);
    expect(statSync(join(folder, "log.txt")).size).toBe("four\nfive".length);
    expect(await lastLines(folder, 3)).toBe("three\nfour\nfive");
    expect(await lastLines(folder, 100)).toBe("one\ntwo\nthree\nfour\nfive");
  });

  test("is left alone while it is short", async () => {
    const { output } = openLog(folder);
    writeSync(output, "12345");
    await boundLog(folder, 5);
    closeSync(output);
    expect(await lastLines(folder, 1)).toBe("12345");
    expect(statSync(join(folder, "log.txt")).size).toBe(5);
  });

  test("takes two files at most, whatever is said", async () => {
    const { output } = openLog(folder);
    for (let line = 0; line < 1000; line++) {
      writeSync(output, `line ${line}\n`);
      await boundLog(folder, 100);
    }
    closeSync(output);
    const bytes = ["log.txt", "log-before.txt"].map((file) => statSync(join(folder, file)).size);
    expect(Math.max(...bytes)).toBeLessThan(120);
    expect(await lastLines(folder, 2)).toBe("line 998\nline 999");
  });

  test("begins with a whole line, however long it is", async () => {
    const { output } = openLog(folder);
    writeSync(output, `${"x".repeat(2 ** 20)}\nthe last\n`);
    closeSync(output);
    expect(await lastLines(folder, 10)).toBe("the last");
  });
});
