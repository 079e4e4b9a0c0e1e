import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** A process that exists and does nothing yet. */
export interface HeldProcess {
  readonly pid: number;
  /** It becomes the command, with the same id. */
  go(): void;
  /** It ends without having run anything. */
  abandon(): void;
  /** How the process ended: its exit code, and a signal's as shells have it, 128 and its number; `killed`: by SIGKILL. */
  readonly ended: Promise<{ readonly code: number; readonly killed: boolean }>;
}

export interface GateOptions {
  /** The executable, and its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Where both its outputs go: an open file. */
  readonly output: number;
}

/** Whoever holds the other end must say something; if they end first, so does this. */
const GATE = 'read -r go && exec "$@" </dev/null';

/**
 * Starts a command in a process group of its own, held until it is let go: whoever is killed before they have written down that they started it
 * leaves nothing behind. Rejects when there is no process to be had.
 */
export async function holdAtGate({ command, environment, output }: GateOptions): Promise<HeldProcess> {
  const child = spawn("/bin/sh", ["-c", GATE, "signalbox", ...command], { detached: true, stdio: ["pipe", output, output], env: { ...environment } });
  const ended = endOf(child);
  await once(child, "spawn");
  const { pid, stdin } = child;
  if (pid === undefined || stdin === null) throw new Error("the shell was started without an id or an input");
  // One that has ended meanwhile tells so by itself.
  stdin.on("error", () => {});
  // Engines outlive us.
  child.unref();
  return { pid, ended, go: () => stdin.end("go\n"), abandon: () => stdin.destroy() };
}

function endOf(child: ChildProcess): HeldProcess["ended"] {
  return new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve({ code: code ?? 128 + numberOf(signal), killed: signal === "SIGKILL" }));
  });
}

function numberOf(signal: NodeJS.Signals | null): number {
  return signal === null ? 0 : constants.signals[signal];
}
