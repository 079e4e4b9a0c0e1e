import { expect, test } from "bun:test";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { descriptorSink } from "./sink.ts";

test("what is written arrives whole and in order, later and at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-sink-"));
  const path = join(folder, "log");
  const descriptor = openSync(path, "a");
  try {
    const sink = descriptorSink(descriptor);
    const long = `${"дым ".repeat(50_000)}\n`;
    await sink.write(long);
    await sink.write("two\n");
    sink.writeNow("three\n");
    expect(readFileSync(path, "utf8")).toBe(`${long}two\nthree\n`);
  } finally {
    closeSync(descriptor);
    rmSync(folder, { recursive: true });
  }
});
