import type { Path } from "./file/problem.ts";
import type { FleetSettings } from "./schema/schema.ts";

/** Something wrong with a fleet, or odd about it. */
export interface FleetFinding {
  /** With a problem it cannot be used; a notice is told, and it can. */
  readonly kind: "problem" | "notice";
  /** From the root of the config: `["fleet", "schedule", "windows", 0]`. */
  readonly path: Path;
  readonly message: string;
  readonly fix: string;
}

/** Looks at what of a fleet's settings only the fleet understands; handed in by main, as config knows no calendar. */
export type CheckFleet = (fleet: FleetSettings) => readonly FleetFinding[];
