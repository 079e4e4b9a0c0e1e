import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LAUNCHER } from "./launcher.ts";

/** A gateway as a process of its own, started as a user starts it. */
export interface GatewayProcess {
  readonly url: string;
  /** Its admin key. */
  readonly key: string;
  readonly pid: number;
  /** Its working and data folder. */
  readonly folder: string;
  /** Everything it has written so far, log and start report. */
  output(): string;
  /** Sends the signal and resolves with the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

export interface GatewayStart {
  /** The config, written to `signalbox.yaml`; absent: none. JSON is valid YAML. */
  readonly config?: object;
  readonly arguments?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Another run over the same folder. */
  readonly folder?: string;
}

const KEY = "sb-test-0123456789abcdef0123456789abcdef";
/** Milliseconds a start may take on a busy machine; nothing is asserted about it. */
const PATIENCE = 20_000;

/** Starts `bin/signalbox serve` on a free port and waits until it answers. Throws with its output when it does not. */
export async function startGateway(start: GatewayStart = {}): Promise<GatewayProcess> {
  const folder = start.folder ?? mkdtempSync(join(tmpdir(), "signalbox-"));
  const log = join(folder, "output.log");
  writeFileSync(log, "");
  const command = ["serve", "--port", "0", "--data-dir", join(folder, "data"), ...(start.arguments ?? [])];
  if (start.config !== undefined) {
    writeFileSync(join(folder, "signalbox.yaml"), JSON.stringify(start.config, null, 2));
    command.push("--config", join(folder, "signalbox.yaml"));
  }
  // Nothing of the tester's own environment may decide what is found.
  const environment = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    HOST: "127.0.0.1",
    SIGNALBOX_ADMIN_KEY: KEY,
    OLLAMA_BASE_URL: "http://127.0.0.1:9",
    ...start.environment,
  };
  const child = spawn("sh", ["-c", 'exec "$0" "$@" >>"$LOG" 2>&1', LAUNCHER, ...command], { cwd: folder, env: { ...environment, LOG: log } });
  const exited = new Promise<number | null>((resolve) => child.on("exit", (code) => resolve(code)));
  const output = () => readFileSync(log, "utf8");
  let url: string | undefined;
  for (let waited = 0; url === undefined && waited < PATIENCE && child.exitCode === null; waited += 10) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    url = /listens on (http:\S+) after/.exec(output())?.[1];
  }
  if (url === undefined) {
    child.kill("SIGKILL");
    throw new Error(`The gateway did not start:\n${output()}`);
  }
  const end = (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal);
    return exited;
  };
  return {
    url,
    key: start.environment?.["SIGNALBOX_ADMIN_KEY"] ?? KEY,
    pid: child.pid ?? 0,
    folder,
    output,
    end,
    async stop() {
      await end("SIGKILL");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
