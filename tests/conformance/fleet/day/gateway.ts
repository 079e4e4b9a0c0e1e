import { engineSpecs } from "../../../../src/assembly/fleet/engine-specs.ts";
import { patienceOf } from "../../../../src/assembly/fleet/open-fleet.ts";
import { schedules } from "../../../../src/assembly/fleet/schedules.ts";
import { catalog } from "../../../../src/catalog/catalog.ts";
import { type Models, modelsOf } from "../../../../src/catalog/models.ts";
import type { Snapshot } from "../../../../src/config/snapshot/snapshot.ts";
import type { EngineDriver } from "../../../../src/fleet/drivers/driver.ts";
import { createFleet, type Fleet } from "../../../../src/fleet/fleet.ts";
import type { GpuSource } from "../../../../src/fleet/gpus/gpu.ts";
import type { FleetMemory } from "../../../../src/fleet/keeping/fleet-memory.ts";
import type { EngineHealth } from "../../../../src/fleet/looking/engine-health.ts";
import { gateFor } from "../../../../src/limits/gate.ts";
import { waitAt } from "../../../../src/limits/waiting.ts";
import { createRouting, type RunningRouting } from "../../../../src/routing/create.ts";
import type { Clock } from "../../../../src/vocabulary/clock.ts";
import type { Timer } from "../../../../src/vocabulary/timer.ts";

/** What a gateway meets in the house. */
export interface GatewayParts {
  readonly snapshot: () => Snapshot;
  readonly driver: (install: string) => EngineDriver;
  readonly health: EngineHealth;
  readonly gpus: GpuSource;
  readonly memory: FleetMemory;
  readonly clock: Clock;
  readonly timer: Timer;
  readonly random: () => number;
}

/** The parts of a gateway that know of engines: its fleet, and routing over it. */
export interface Gateway {
  readonly fleet: Fleet;
  readonly routing: RunningRouting;
  readonly models: () => Models;
  /** Ends as by `kill -9`: nothing it has begun goes on, and nobody is told. */
  kill(): void;
}

export function openGateway({ snapshot, driver, health, gpus, memory, clock, timer, random }: GatewayParts): Gateway {
  let alive = true;
  const own: Timer = (milliseconds, then) => timer(milliseconds, () => void (alive && then()));
  const specsOf = engineSpecs();
  const scheduleOf = schedules();
  const fleet = createFleet({
    specs: () => specsOf(snapshot().settings.fleet),
    schedule: () => scheduleOf(snapshot().settings.fleet),
    settings: () => patienceOf(snapshot().settings),
    onExit: () => snapshot().settings.fleet.on_exit,
    drivers: new Map([["docker", mortal(driver(memory.now.install), () => alive)]]),
    gpus,
    health,
    shapeOf: async () => undefined,
    environment: {},
    memory,
    clock,
    timer: own,
    random,
  });
  const models = remembering(() => snapshot());
  const routing = createRouting({
    instead: catalog(models, () => undefined, clock).instead,
    models: () => models().all(),
    settings: () => ({ ...snapshot().settings.routing, patience: snapshot().settings.routing.deadlines.queue }),
    gateFor,
    waitAt,
    engines: fleet,
    clock,
    timer: own,
    random,
  });
  return { fleet, routing, models, kill: () => (alive = false) };
}

/** What is asked of a driver by one that has ended meanwhile is neither done nor answered. */
function mortal(driver: EngineDriver, isAlive: () => boolean): EngineDriver {
  const never = new Promise<never>(() => undefined);
  const living = <Given extends unknown[], Result>(work: (...given: Given) => Promise<Result>) => {
    return async (...given: Given): Promise<Result> => {
      const result = isAlive() ? await work(...given) : await never;
      return isAlive() ? result : never;
    };
  };
  return {
    name: driver.name,
    create: living(driver.create),
    start: living(driver.start),
    stop: living(driver.stop),
    remove: living(driver.remove),
    list: living(driver.list),
    logs: living(driver.logs),
    watch: (listener) => driver.watch((event) => void (isAlive() && listener(event))),
    close: driver.close,
  };
}

function remembering(snapshot: () => Snapshot): () => Models {
  let last: { readonly of: Snapshot; readonly models: Models } | undefined;
  return () => {
    const of = snapshot();
    if (last?.of !== of) last = { of, models: modelsOf([...of.models.values()], of) };
    return last.models;
  };
}
