import type { EngineSpec } from "../../vocabulary/engine.ts";

type Resident = Pick<EngineSpec, "name" | "gpus" | "vram">;

/** What there is of a GPU to be granted, in bytes. */
export interface Room {
  readonly id: string;
  readonly bytes: number;
}

/** More sets than anybody reads. */
const MOST_SETS = 32;

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
