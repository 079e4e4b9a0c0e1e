#!/usr/bin/env bun
import { startFakeEngine } from "./engine.ts";
import { readCommandLine } from "./options.ts";

/**
 * The fake as a process or as a container's command: `bun main.ts --model M --port 8000 --fake '{"loadingTime": 500}'`.
 * It needs nothing but this folder, or one file: `bun build main.ts --target bun`.
 */
const engine = startFakeEngine(readCommandLine(process.argv.slice(2), process.env), {
  log: (line) => process.stdout.write(`${line}\n`),
  ended: (code) => process.exit(code),
});
process.on("SIGTERM", () => engine.terminate());
process.on("SIGINT", () => engine.terminate());
