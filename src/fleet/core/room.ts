import type { EngineSpec } from "../../vocabulary/engine.ts";
import { sized } from "../sizes.ts";
import { holdsMemory, isStarting } from "./phase.ts";
import type { EngineState, FleetState } from "./state.ts";

/** What is left of every GPU, in bytes, by id: what an engine takes is taken from all of its GPUs or from none. */
export class Room {
  readonly #free: Map<string, number>;
  readonly #starting = new Map<string, string>();

  /** As it stands: every engine that holds memory holds all it was given. */
  static of({ gpus, engines }: FleetState): Room {
    const room = new Room(new Map([...gpus].map(([id, { capacity, foreign }]) => [id, capacity - foreign])));
    for (const { spec, phase } of engines.values()) {
      if (!holdsMemory(phase)) continue;
      room.take(spec);
      if (isStarting(phase)) room.start(spec);
      if (phase.type === "stopping" && phase.gone !== undefined) room.giveGhost(spec, phase.beside, gpus);
    }
    return room;
  }

  constructor(free: Map<string, number>, starting: ReadonlyMap<string, string> = new Map()) {
    this.#free = free;
    for (const [gpu, engine] of starting) this.#starting.set(gpu, engine);
  }

  copy(): Room {
    return new Room(new Map(this.#free), this.#starting);
  }

  free(gpu: string): number {
    return this.#free.get(gpu) ?? 0;
  }

  take({ gpus, vram }: EngineSpec): void {
    for (const gpu of gpus) this.#free.set(gpu, this.free(gpu) - vram);
  }

  give({ gpus, vram }: EngineSpec): void {
    for (const gpu of gpus) this.#free.set(gpu, this.free(gpu) + vram);
  }

  /** What is gone and has not given its memory back is measured as foreign, and was taken as its own: once is enough. */
  giveGhost({ gpus, vram }: EngineSpec, beside: ReadonlyMap<string, number>, measured: FleetState["gpus"]): void {
    for (const gpu of gpus) {
      const ghost = (measured.get(gpu)?.foreign ?? 0) - (beside.get(gpu) ?? 0);
      this.#free.set(gpu, this.free(gpu) + Math.min(vram, Math.max(0, ghost)));
    }
  }

  /** Nobody else may start on its GPUs until it has. */
  start({ name, gpus }: EngineSpec): void {
    for (const gpu of gpus) this.#starting.set(gpu, name);
  }

  fits({ gpus, vram }: EngineSpec): boolean {
    return gpus.every((gpu) => vram <= this.free(gpu));
  }

  /** Who is starting on one of its GPUs. */
  startingBeside({ gpus }: EngineSpec): string | undefined {
    for (const gpu of gpus) if (this.#starting.has(gpu)) return this.#starting.get(gpu);
    return undefined;
  }
}

/** Why it could not run even alone, with the arithmetic; absent: it could. */
export function neverFits({ spec, misfit }: EngineState, { gpus }: FleetState): string | undefined {
  if (misfit !== undefined) return misfit;
  for (const id of spec.gpus) {
    const gpu = gpus.get(id);
    if (gpu === undefined) return `there is no GPU ${id} here${gpus.size === 0 ? "" : `, only ${[...gpus.keys()].join(", ")}`}`;
    if (spec.vram > gpu.capacity) return `it needs ${sized(spec.vram)} of GPU ${id}, which has ${sized(gpu.capacity)} in all`;
  }
  return undefined;
}
