import { describe, expect, test } from "bun:test";
import { fillPlaceholders } from "./placeholders.ts";

describe("placeholders", () => {
  const values = { host: "127.0.0.1", port: 20_001, model: "org/{name}", name: "signalbox-a-1" };
  for (const [word, filled] of [
    ["--port={port}", "--port=20001"],
    ["http://{host}:{port}/", "http://127.0.0.1:20001/"],
    ["{name}", "signalbox-a-1"],
    // What was filled in is not looked at again.
    ["{model}", "org/{name}"],
    ['{"port": {"model": 1}, "x": {ports}}', '{"port": {"model": 1}, "x": {ports}}'],
  ] as const) {
    test(word, () => expect(fillPlaceholders([word], values)).toEqual([filled]));
  }
});
