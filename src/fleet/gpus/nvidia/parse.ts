import { MIB } from "../../sizes.ts";
import type { GpuProcess } from "../gpu.ts";
import { GPU_FIELDS, PROCESS_FIELDS } from "./queries.ts";

/** A line about a GPU. Memory is bytes. */
export interface GpuLine {
  /** As nvidia-smi counts them: `0`. */
  readonly index: string;
  readonly uuid?: string;
  readonly name: string;
  /** How many GPUs there are, by itself: as many lines belong together. */
  readonly count?: number;
  /** Absent: memory shared with the machine (GB10), or not told. */
  readonly total?: number;
  readonly used?: number;
  /** From 0 to 1. */
  readonly utilisation?: number;
  /** Degrees Celsius. */
  readonly temperature?: number;
  /** Cut into instances, each with memory of its own: the figures are the whole card's. */
  readonly mig: boolean;
}

/** A line about a process at a GPU. */
export interface ProcessLine extends GpuProcess {
  readonly uuid: string;
}

/** One line of `GPU_QUERY`'s answer; `undefined`: it is something else, an error most likely. */
export function parseGpu(line: string): GpuLine | undefined {
  const [index = "", uuid, count, total, used, utilisation, temperature, mig, name] = fieldsOf(line, GPU_FIELDS.length);
  if (!/^\d+$/.test(index) || name === undefined) return undefined;
  const percent = numberIn(utilisation);
  return {
    index,
    uuid: told(uuid),
    name: told(name) ?? "unknown GPU",
    count: numberIn(count),
    total: mebibytes(total),
    used: mebibytes(used),
    utilisation: percent === undefined ? undefined : Math.min(1, percent / 100),
    temperature: numberIn(temperature),
    mig: mig === "Enabled",
  };
}

/** One line of `PROCESS_QUERY`'s answer; `undefined`: it is something else. */
export function parseProcess(line: string): ProcessLine | undefined {
  const [uuid, pid = "", used, name] = fieldsOf(line, PROCESS_FIELDS.length);
  if (uuid === undefined || name === undefined || !/^\d+$/.test(pid)) return undefined;
  return { uuid, pid: Number(pid), name: told(name) ?? "unknown process", used: mebibytes(used) };
}

/** So many fields at most: what is over belongs to the last of them. */
function fieldsOf(line: string, most: number): string[] {
  const parts = line.split(",");
  const last = parts.slice(most - 1).join(",");
  return [...parts.slice(0, most - 1), ...(parts.length >= most ? [last] : [])].map((part) => part.trim());
}

/** Drivers say `[N/A]`, `[Not Supported]`, `[Unknown Error]`, `[Insufficient Permissions]`, `N/A`, and older ones say it without brackets. */
function told(field: string | undefined): string | undefined {
  return field === undefined || field === "" || /^\[.*\]$/.test(field) || /^(N\/A|Not Supported|Unknown Error|Not Found|ERR!)$/i.test(field)
    ? undefined
    : field;
}

/** Some versions write units though they are told not to. */
function numberIn(field: string | undefined): number | undefined {
  const digits = /^(\d+(?:\.\d+)?)(?:\s*(?:MiB|%|C))?$/.exec(field ?? "")?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function mebibytes(field: string | undefined): number | undefined {
  const value = numberIn(field);
  return value === undefined ? undefined : value * MIB;
}
