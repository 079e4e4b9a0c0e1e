import { chmodSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What the fake nvidia-smi tells. Memory is MiB, as there; `null` is told as `[N/A]`. */
export interface FakeGpuState {
  readonly gpus: readonly FakeGpu[];
  readonly processes?: readonly { readonly gpu: string; readonly pid: number; readonly name: string; readonly used?: number | null }[];
  /** It says this instead, and ends with the code. */
  readonly fails?: { readonly says: string; readonly code: number };
}

export interface FakeGpu {
  readonly index: number;
  readonly uuid: string;
  readonly name: string;
  readonly total: number | null;
  /** Absent: what its processes use, and `idle`. */
  readonly used?: number | null;
  readonly idle?: number;
  readonly utilisation?: number | null;
  readonly temperature?: number | null;
  readonly mig?: "Enabled" | "Disabled";
}

export interface FakeGpus {
  /** The program and its first words: for whoever takes a command. */
  readonly command: readonly [string, ...string[]];
  /** Holds an executable `nvidia-smi`: for whoever looks for it on a path. */
  readonly folder: string;
  /** What it tells from now on, whole. */
  set(state: FakeGpuState): void;
}

/** A fake nvidia-smi of a test's own, in a folder of the test's. */
export function fakeGpus(folder: string, state: FakeGpuState): FakeGpus {
  const file = join(folder, "gpus.json");
  const set = (next: FakeGpuState) => {
    writeFileSync(`${file}.new`, JSON.stringify(next));
    renameSync(`${file}.new`, file);
  };
  set(state);
  const command = [process.execPath, join(import.meta.dir, "nvidia-smi.ts"), file] as const;
  const program = join(folder, "nvidia-smi");
  writeFileSync(program, `#!/bin/sh\nexec ${command.map((word) => `'${word}'`).join(" ")} "$@"\n`);
  chmodSync(program, 0o755);
  return { command: [...command], folder, set };
}
