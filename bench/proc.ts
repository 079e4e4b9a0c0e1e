import { readdirSync, readFileSync } from "node:fs";

/** What a process and all it started use now. */
export interface ProcessUse {
  /** User and system time since start, in seconds (in steps of 10 ms). */
  readonly cpuSeconds: number;
  /** Resident memory now and at its highest, in MiB, of the largest process of the tree: a launcher that waits is not the server. */
  readonly rssMiB: number;
  readonly peakMiB: number;
  /** Open descriptors over all of them. */
  readonly descriptors: number;
}

const TICKS_PER_SECOND = 100;

/** Reads /proc; a process that is gone counts nothing. Linux only. */
export function processUse(root: number): ProcessUse {
  let [ticks, rssMiB, peakMiB, descriptors] = [0, 0, 0, 0];
  for (const pid of processTree(root)) {
    ticks += ticksOf(pid);
    const status = read(`/proc/${pid}/status`);
    rssMiB = Math.max(rssMiB, kibOf(status, "VmRSS") / 1024);
    peakMiB = Math.max(peakMiB, kibOf(status, "VmHWM") / 1024);
    descriptors += count(`/proc/${pid}/fd`);
  }
  return { cpuSeconds: ticks / TICKS_PER_SECOND, rssMiB, peakMiB, descriptors };
}

function processTree(root: number): number[] {
  const found = [root];
  for (const pid of found) {
    for (const task of list(`/proc/${pid}/task`)) {
      found.push(...read(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number));
    }
  }
  return found;
}

/** Fields 14 and 15 of `stat`, counted after the name, which may hold spaces. */
function ticksOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

function kibOf(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function count(path: string): number {
  return list(path).length;
}
