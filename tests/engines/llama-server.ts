import { describe } from "bun:test";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeOfLlamaServer } from "../../scripts/llama-server.mjs";
import { freePort } from "../../src/store/redis/redis-server.fixture.ts";
import { until } from "../harness/until.ts";
import { tinyModel } from "./tiny-model.ts";

const { path, version } = placeOfLlamaServer();

/** The command of an engine, with the placeholders of `EngineSpec.command`: kind to a machine with two cores. */
export const LLAMA_COMMAND: readonly string[] = [
  path,
  ...["--model", "{model}", "--host", "{host}", "--port", "{port}", "--alias", "{name}"],
  ...["--threads", "1", "--parallel", "2"],
  // The same question is the same arithmetic.
  "--no-cache-prompt",
];

/** Tests of the real llama.cpp; where it could not be had they are skipped, and the run says so at its end. */
export function describeLlama(what: string, tests: () => void): void {
  const why = version === undefined ? "not installed; npm test installs it where apt can have Debian's testing release" : version;
  describe.skipIf(version === undefined)(`${what} (llama.cpp: ${why})`, tests);
}

/** Writes a model into the folder; its path. */
export function writeTinyModel(folder: string): string {
  const file = join(folder, "tiny.gguf");
  writeFileSync(file, tinyModel(1));
  return file;
}

export interface LlamaServer {
  /** Without the version path. */
  readonly url: string;
  /** Sends the signal and resolves with the exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>;
  /** Ends it, if it still runs, and removes its model. */
  stop(): Promise<void>;
}

/** Starts it over the tiny model, with these words after the command's own, and waits until it is healthy. Throws with its output when it ends instead. */
export async function startLlamaServer(more: readonly string[] = []): Promise<LlamaServer> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-llama-"));
  const values: Readonly<Record<string, string>> = { model: writeTinyModel(folder), host: "127.0.0.1", port: String(await freePort()), name: "tiny" };
  const [command = "", ...words] = [...LLAMA_COMMAND, ...more].map((word) => word.replace(/^\{(\w+)\}$/, (_whole, name: string) => values[name] ?? ""));
  const child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (output += bytes.toString()));
  const exited = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const url = `http://${values["host"]}:${values["port"]}`;
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  const stop = async () => {
    await end("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await until("llama.cpp's server", async () => {
      if (child.exitCode !== null) throw new Error(`It ended with ${child.exitCode}:\n${output}`);
      return (await fetch(`${url}/health`).catch(() => undefined))?.ok === true;
    });
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return { url, end, stop };
}
