import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placeOf } from "../../scripts/programs.mjs";

/** What became of a run. */
export interface Ran {
  /** `null`: it was stopped after its time was up. */
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
}

export interface Run {
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Its home and working folder. */
  readonly folder: string;
  /** Milliseconds until it is stopped; nothing is asserted about how long it takes. */
  readonly patience?: number;
}

/** Runs a program to its end, with nothing of the tester's own environment but the path. Throws when the setup of the tests did not install it. */
export function runProgram(name: string, { arguments: words, environment = {}, folder, patience = 60_000 }: Run): Promise<Ran> {
  const { path, runtime, installed } = placeOf(name);
  if (!installed) throw new Error(`${name} is not installed: run npm test, or npm run programs, which install it.`);
  const own = { HOME: folder, PATH: `${runtime === undefined ? "" : `${runtime}:`}${process.env["PATH"]}`, TERM: "dumb", CI: "1" };
  const child = spawn(path, words, { cwd: folder, env: { ...own, ...environment }, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (bytes: Buffer) => (output += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (errors += bytes.toString()));
  return new Promise((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), patience);
    child.on("close", (code) => {
      clearTimeout(timer);
      resolve({ code, output, errors });
    });
  });
}

/** Does the work in a folder of its own. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "signalbox-program-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
