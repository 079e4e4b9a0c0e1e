import { expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { tinyModel } from "./tiny-model.ts";

const hashOf = (seed: number) => createHash("sha256").update(tinyModel(seed)).digest("hex");

test("one seed is one file, byte for byte, on every machine", () => {
  expect(hashOf(1)).toBe("cde67138d6269b7ece270ac3576430b4618391dd987876eef30277d6c02c79fa");
});

test("another seed is another", () => {
  expect(hashOf(2)).not.toBe(hashOf(1));
});

test("it is GGUF, version 3, and small", () => {
  const bytes = tinyModel(1);
  expect([bytes.toString("latin1", 0, 4), bytes.readUInt32LE(4)]).toEqual(["GGUF", 3]);
  expect(bytes.length).toBeLessThan(500_000);
});
