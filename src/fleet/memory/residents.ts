import type { EngineSpec } from "../../vocabulary/engine.ts";
import { sized } from "../sizes.ts";

type Resident = Pick<EngineSpec, "name" | "gpus" | "vram">;

/** What there is of a GPU to be granted, in bytes. */
export interface Room {
  readonly id: string;
  readonly bytes: number;
}

/** What engines would hold of a GPU at once. Bytes. */
export interface Load {
  readonly gpu: string;
  readonly room: number;
  readonly granted: number;
  readonly engines: readonly string[];
  readonly fits: boolean;
  /** `GPU 1: llama_1 18.0 + bge_m3 2.0 = 20.0 of 24.0 GiB` */
  readonly says: string;
}

/** More sets than anybody reads. */
const MOST_SETS = 32;

/** What these engines would hold together on each of the GPUs they run on. A GPU nobody knows of has no room. */
export function loads(engines: readonly Resident[], rooms: readonly Room[]): readonly Load[] {
  const gpus = [...new Set(engines.flatMap((engine) => engine.gpus))].sort();
  return gpus.map((gpu) => {
    const here = engines.filter((engine) => engine.gpus.includes(gpu));
    const room = rooms.find(({ id }) => id === gpu)?.bytes ?? 0;
    const granted = here.reduce((sum, { vram }) => sum + vram, 0);
    const sum = here.map(({ name, vram }) => `${name} ${sized(vram)}`).join(" + ");
    const total = here.length > 1 ? ` = ${sized(granted)}` : "";
    const fits = granted <= room;
    return {
      gpu,
      room,
      granted,
      engines: here.map(({ name }) => name),
      fits,
      says: `GPU ${gpu}: ${sum}${total}, ${fits ? "of" : "more than its"} ${sized(room)}`,
    };
  });
}

/** Whether these engines can be resident at once. */
export function fitTogether(engines: readonly Resident[], rooms: readonly Room[]): boolean {
  const left = new Map(rooms.map(({ id, bytes }) => [id, bytes]));
  return engines.every(({ gpus, vram }) =>
    gpus.every((gpu) => {
      const rest = (left.get(gpu) ?? 0) - vram;
      left.set(gpu, rest);
      return rest >= 0;
    }),
  );
}

/**
 * Which engines can be resident at once: sets to which no further one could be added, in the order of the config; the first 32. An engine that fits
 * nowhere is in none.
 */
export function residentSets<Engine extends Resident>(engines: readonly Engine[], rooms: readonly Room[]): readonly (readonly Engine[])[] {
  const able = engines.filter((engine) => fitTogether([engine], rooms));
  const sets: Engine[][] = [];
  const extend = (chosen: readonly Engine[], at: number) => {
    if (sets.length >= MOST_SETS) return;
    const next = able[at];
    if (next === undefined) {
      if (able.every((engine) => chosen.includes(engine) || !fitTogether([...chosen, engine], rooms))) sets.push([...chosen]);
      return;
    }
    if (fitTogether([...chosen, next], rooms)) extend([...chosen, next], at + 1);
    // Left out only where somebody may come who leaves it no room: else every set without it could have it.
    if (!fitTogether([...chosen, ...able.slice(at)], rooms)) extend(chosen, at + 1);
  };
  if (able.length > 0) extend([], 0);
  return sets;
}
