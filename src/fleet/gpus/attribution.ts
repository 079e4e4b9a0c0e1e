import type { GpuProcess, GpuReading } from "./gpu.ts";

/** An engine that runs here, and what it was granted. */
export interface Holder {
  readonly engine: string;
  /** Its first process: those it started are its own as well. Absent: it is not one of this machine's. */
  readonly pid?: number;
  /** Bytes on each of its GPUs, by the GPU's id. */
  readonly granted: ReadonlyMap<string, number>;
}

/** Who uses a GPU's memory. Bytes. */
export interface GpuUse {
  readonly id: string;
  /** By engine: those that were granted something there. */
  readonly ours: ReadonlyMap<string, number>;
  /** What none of our engines uses: other programs, and what the driver keeps. */
  readonly foreign: number;
  /** Whose processes those are, as far as it is told. */
  readonly strangers: readonly GpuProcess[];
  /** What single processes use was not told: it is taken from what was granted. */
  readonly estimated: boolean;
}

/** The process that started this one; `undefined`: it is gone, or the first. */
export type ParentOf = (pid: number) => number | undefined;

/** Who uses how much of each GPU: engines by their processes, else by what they were granted of what is used there. */
export function attribute(readings: readonly GpuReading[], holders: readonly Holder[], parentOf: ParentOf): readonly GpuUse[] {
  const byPid = new Map(holders.flatMap(({ engine, pid }) => (pid === undefined ? [] : [[pid, engine] as const])));
  return readings.map((reading) => useOf(reading, holders, (pid) => engineOf(pid, byPid, parentOf)));
}

function useOf({ id, used, processes }: GpuReading, holders: readonly Holder[], engineAt: (pid: number) => string | undefined): GpuUse {
  const strangers = processes.filter(({ pid }) => engineAt(pid) === undefined);
  const ours = new Map<string, number>();
  for (const process of processes) {
    const engine = engineAt(process.pid);
    if (engine !== undefined && process.used !== undefined) ours.set(engine, (ours.get(engine) ?? 0) + process.used);
  }
  const told = [...ours.values(), ...strangers.map((process) => process.used ?? 0)].reduce(sum, 0);
  // Engines whose processes do not show, as in a container, or do not tell: what is left is theirs as far as they were granted it.
  const left = Math.max(0, used - told);
  const hidden = holders.filter(({ engine, granted }) => !ours.has(engine) && (granted.get(id) ?? 0) > 0);
  const grants = hidden.map(({ granted }) => granted.get(id) ?? 0);
  const share = Math.min(1, left / Math.max(1, grants.reduce(sum, 0)));
  for (const [index, { engine }] of hidden.entries()) ours.set(engine, Math.floor((grants[index] ?? 0) * share));
  return {
    id,
    ours,
    foreign: Math.max(0, used - [...ours.values()].reduce(sum, 0)),
    strangers,
    estimated: (hidden.length > 0 && left > 0) || processes.some((process) => process.used === undefined),
  };
}

/** Deeper no tree of processes goes; one that seems to has changed while it was read. */
const DEEPEST = 64;

function engineOf(pid: number, byPid: ReadonlyMap<number, string>, parentOf: ParentOf): string | undefined {
  let at: number | undefined = pid;
  for (let depth = 0; depth < DEEPEST && at !== undefined; depth++) {
    const engine = byPid.get(at);
    if (engine !== undefined) return engine;
    at = parentOf(at);
  }
  return undefined;
}

const sum = (left: number, right: number) => left + right;
