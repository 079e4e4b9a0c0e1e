import type { EngineSpec } from "../../vocabulary/engine.ts";
import type { GpuReading } from "../gpus/gpu.ts";
import { isScheduled, type Schedule, type Window } from "./schedule.ts";

/** What a plan knows of the engines and of what they run on. Memory is bytes. */
export interface Machine {
  readonly specs: readonly Pick<EngineSpec, "name" | "gpus" | "vram" | "preload">[];
  /** Empty: not known yet. */
  readonly gpus: readonly Pick<GpuReading, "id" | "total">[];
}

/** One GPU with some engines on it. Memory is bytes. */
export interface GpuLoad {
  readonly gpu: string;
  /** Absent: not known. */
  readonly total: number | undefined;
  readonly residents: readonly { readonly engine: string; readonly vram: number }[];
  readonly used: number;
  /** Negative: they do not fit. */
  readonly free: number | undefined;
}

/** The engines that may run in this window: its own, and those that no window names. */
export function allowedIn(window: Window | undefined, schedule: Schedule, { specs }: Machine): string[] {
  return specs.flatMap(({ name }) => (window?.engines.includes(name) || !isScheduled(name, schedule) ? [name] : []));
}

/** Those of them that are started without being called: what the window starts, and what is started wherever it may run. */
export function startedIn(window: Window | undefined, schedule: Schedule, machine: Machine): string[] {
  const always = machine.specs.flatMap(({ name, preload }) => (preload ? [name] : []));
  return allowedIn(window, schedule, machine).filter((name) => window?.preload.includes(name) || always.includes(name));
}

/** Every GPU there is or that an engine wants, in order, with these engines on it. */
export function loadsOf(engines: readonly string[], { specs, gpus }: Machine): GpuLoad[] {
  const ids = [...new Set([...gpus.map(({ id }) => id), ...specs.flatMap((spec) => spec.gpus)])];
  return ids.map((gpu) => {
    const residents = specs.filter((spec) => engines.includes(spec.name) && spec.gpus.includes(gpu)).map(({ name, vram }) => ({ engine: name, vram }));
    const used = residents.reduce((sum, { vram }) => sum + vram, 0);
    const total = gpus.find(({ id }) => id === gpu)?.total;
    return { gpu, total, residents, used, free: total === undefined ? undefined : total - used };
  });
}

/** Do these fit, as far as is known? */
export function fits(loads: readonly GpuLoad[]): boolean {
  return loads.every(({ free = 0 }) => free >= 0);
}

/** The sum: `GPU 0: llama_0 22 GiB + coder_0 20 GiB = 42 GiB of 24 GiB`; of one `GPU 0: llama_0 22 GiB of 16 GiB`. */
export function sumText({ gpu, total, residents, used }: GpuLoad): string {
  const parts = residents.map(({ engine, vram }) => `${engine} ${gibText(vram)}`).join(" + ");
  return `GPU ${gpu}: ${parts}${residents.length > 1 ? ` = ${gibText(used)}` : ""}${total === undefined ? "" : ` of ${gibText(total)}`}`;
}

/** Bytes for people: `22 GiB`, `23.99 GiB`. */
export function gibText(bytes: number): string {
  return `${Number((bytes / 2 ** 30).toFixed(2))} GiB`;
}
