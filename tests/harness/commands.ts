import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { GatewayProcess } from "./gateway.ts";
import { LAUNCHER } from "./launcher.ts";

/** Milliseconds a command may take on a busy machine; nothing is asserted about it. */
const PATIENCE = 30_000;

/** What a command said, without the blanks around it. */
export interface Said {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What may stand around a command: more of the environment, and what is piped in. */
export interface CommandSetting {
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Runs a command of `bin/signalbox` over a gateway's data folder, whether the gateway runs or not. */
export function runCommand({ folder }: Pick<GatewayProcess, "folder">, words: readonly string[], { environment, input }: CommandSetting = {}): Said {
  const { status, stdout, stderr } = spawnSync(LAUNCHER, [...words, "--data-dir", join(folder, "data")], {
    cwd: folder,
    encoding: "utf8",
    timeout: PATIENCE,
    // Nothing of the tester's own environment may decide what is found.
    env: { PATH: process.env["PATH"] ?? "", HOME: folder, ...environment },
    input,
  });
  return { status, stdout: stdout.trim(), stderr: stderr.trim() };
}
