import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

/** What the machine tells of its processes. Nothing of it rejects: what cannot be read is not there. */
export interface Processes {
  /** When it began, so that another process that has its id later is not taken for it. `undefined`: it has ended. */
  birthOf(pid: number): Promise<string | undefined>;
  /** Those of a process group that have not ended. */
  groupOf(group: number): Promise<readonly number[]>;
  /** Whether it was started with this in its environment: `NAME=value`. */
  carries(pid: number, entry: string): Promise<boolean>;
  /** How many processes the kernel has ended because the machine's memory was out. */
  endedForMemory(): Promise<number>;
}

export function processesOf(platform: NodeJS.Platform): Processes {
  return platform === "linux" ? linuxProcesses : otherProcesses;
}

/** States of what has ended and has only its exit code left to tell. */
const ENDED = /^[ZX]/;

interface Stat {
  readonly state: string;
  readonly group: number;
  /** Ticks since the machine was started. */
  readonly began: string;
}

const linuxProcesses: Processes = {
  async birthOf(pid) {
    const stat = await statOf(pid);
    return stat === undefined || ENDED.test(stat.state) ? undefined : `${await bootId()} ${stat.began}`;
  },
  async groupOf(group) {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
    const stats = await Promise.all(pids.map(statOf));
    return pids.filter((_, index) => {
      const stat = stats[index];
      return stat !== undefined && stat.group === group && !ENDED.test(stat.state);
    });
  },
  async carries(pid, entry) {
    return (await textOf(`/proc/${pid}/environ`)).split("\0").includes(entry);
  },
  async endedForMemory() {
    return Number(/^oom_kill (\d+)$/m.exec(await textOf("/proc/vmstat"))?.[1] ?? 0);
  },
};

async function statOf(pid: number): Promise<Stat | undefined> {
  const text = await textOf(`/proc/${pid}/stat`);
  // Its name stands in parentheses and may hold anything.
  const [state, , group, ...rest] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const began = rest[16];
  return state === undefined || began === undefined ? undefined : { state, group: Number(group), began };
}

/** Ticks count from the machine's start, so that they say nothing without it. */
async function bootId(): Promise<string> {
  return (await textOf("/proc/sys/kernel/random/boot_id")).trim();
}

async function textOf(file: string): Promise<string> {
  return await readFile(file, "utf8").catch(() => "");
}

/** macOS and others without `/proc`: `ps` tells when a process began to the second. */
export const otherProcesses: Processes = {
  async birthOf(pid) {
    const [, state = "Z", began] = /^\s*(\S+)\s+(.+?)\s*$/.exec(await ps(["-o", "stat=,lstart=", "-p", String(pid)])) ?? [];
    return ENDED.test(state) ? undefined : began;
  },
  async groupOf(group) {
    const rows = (await ps(["-A", "-o", "pid=,pgid=,stat="])).split("\n").map((line) => line.trim().split(/\s+/));
    return rows.filter(([, of, state = "Z"]) => Number(of) === group && !ENDED.test(state)).map(([pid]) => Number(pid));
  },
  async carries(pid, entry) {
    return (await ps(["eww", "-o", "command=", "-p", String(pid)])).split(/\s+/).includes(entry);
  },
  async endedForMemory() {
    return 0;
  },
};

async function ps(words: readonly string[]): Promise<string> {
  return await promisify(execFile)("ps", [...words], { env: { PATH: process.env["PATH"] ?? "", LC_ALL: "C" } }).then(
    ({ stdout }) => stdout,
    () => "",
  );
}
