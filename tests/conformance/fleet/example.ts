import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Machine } from "../../../src/fleet/schedule/residents.ts";
import type { Schedule, Window } from "../../../src/fleet/schedule/schedule.ts";
import { type Json, listOf, objectOf, stringOf } from "../../../src/vocabulary/json.ts";

/** The calendar and the machine of a config below `examples/`: what the plan is made of, and nothing else of it. */
export function fleetOf(example: string): { readonly schedule: Schedule; readonly machine: Machine } {
  const text = readFileSync(join(import.meta.dir, "..", "..", "..", "examples", example), "utf8");
  const { engines, gpus, schedule } = objectOf(objectOf(parse(text))["fleet"]);
  const { timezone, windows } = objectOf(schedule);
  return {
    schedule: { timeZone: stringOf(timezone), windows: listOf(windows).map(windowOf) },
    machine: {
      specs: Object.entries(objectOf(engines)).map(([name, engine]) => {
        const { gpus: ids, vram } = objectOf(engine);
        return { name, gpus: listOf(ids).map(String), vram: bytesOf(vram), preload: false };
      }),
      gpus: listOf(gpus)
        .map(objectOf)
        .map(({ id, memory }) => ({ id: String(id), total: bytesOf(memory) })),
    },
  };
}

function windowOf(written: Json): Window {
  const { name, from, to, engines, preload } = objectOf(written);
  const hours = from === undefined ? {} : { hours: { from: minutesOf(from), to: minutesOf(to) } };
  return { name: String(name), ...hours, engines: listOf(engines).map(String), preload: listOf(preload).map(String) };
}

function minutesOf(time: Json | undefined): number {
  const [hours = 0, minutes = 0] = String(time).split(":").map(Number);
  return hours * 60 + minutes;
}

function bytesOf(size: Json | undefined): number {
  return Number.parseInt(String(size), 10) * 2 ** 30;
}
