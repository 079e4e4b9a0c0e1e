import type { Fleet } from "../../fleet/fleet.ts";
import type { EngineReport, GpuReport } from "../../fleet/report.ts";
import { Failure } from "../../vocabulary/failure.ts";

/** The fleet as management sees and steers it. */
export interface FleetDesk extends Pick<Fleet, "engines" | "gpus" | "gpuTrouble" | "order" | "logs" | "calendar"> {
  /** Requests that wait for their turn at an engine. */
  queuedAt(engine: string): number;
  /** The text without secrets. */
  clean(text: string): string;
}

/** What there is of a fleet; absent: the config has no engines. */
export type MaybeFleet = FleetDesk | undefined;

/** Throws `not-found` where there is none. */
export function present(fleet: MaybeFleet): FleetDesk {
  if (fleet === undefined) throw new Failure("not-found", "There are no engines here. Describe them in the config under fleet.engines, and restart.");
  return fleet;
}

/** Throws `not-found`. */
export function engineNamed(name: string, fleet: FleetDesk): EngineReport {
  const found = fleet.engines().find(({ spec }) => spec.name === name);
  if (found === undefined) throw new Failure("not-found", `There is no engine ${JSON.stringify(name)}. GET /admin/engines lists them.`);
  return found;
}

/** Bytes that engines may have of a GPU. */
export function grantable({ reading: { total, limit = total } }: GpuReport): number {
  return limit;
}
