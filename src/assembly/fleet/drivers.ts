import { join } from "node:path";
import type { FleetSettings } from "../../config/schema/schema.ts";
import type { EngineDriver } from "../../fleet/drivers/driver.ts";
import { openProcessDriver } from "../../fleet/drivers/process/process-driver.ts";
import { openStaticDriver } from "../../fleet/drivers/static/static-driver.ts";
import type { DriverName, EngineSpec } from "../../vocabulary/engine.ts";

/** What drivers are opened with. */
export interface DriversRequest {
  readonly settings: FleetSettings;
  readonly specs: readonly EngineSpec[];
  readonly install: string;
  readonly dataDir: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/** Those that the engines of the config are run by. */
export function openDrivers(request: DriversRequest): ReadonlyMap<DriverName, EngineDriver> {
  const names = new Set(request.specs.map(({ driver }) => driver));
  return new Map([...names].map((name) => [name, openDriver(name, request)]));
}

function openDriver(name: DriverName, { install, dataDir, variables }: DriversRequest): EngineDriver {
  switch (name) {
    case "process":
      return openProcessDriver({ folder: join(dataDir, "engines"), install, environment: variables });
    case "static":
      return openStaticDriver();
    case "docker":
    case "kubernetes":
      throw new Error("not yet");
    default:
      return name satisfies never;
  }
}
