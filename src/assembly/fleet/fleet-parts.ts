import type { EventDesk } from "../../admin/fleet/events.ts";
import type { FleetParts } from "../../admin/fleet/routes.ts";
import { mayUse } from "../../catalog/list.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import type { RunningStandings } from "../../routing/running/standings.ts";
import type { Secrets } from "../../telemetry/redact.ts";
import type { Model } from "../../vocabulary/model.ts";

/** What management of the fleet is made of. */
export interface FleetRequest extends Omit<EventDesk, "modelsOf"> {
  /** Absent: there are no engines. */
  readonly fleet: Fleet | undefined;
  readonly standings: Pick<RunningStandings, "known">;
  readonly secrets: Pick<Secrets, "clean">;
  /** Those in force by name. */
  readonly models: () => Iterable<Model>;
}

/** The fleet and what happens to it, as management wants them. */
export function fleetParts({ fleet, standings, secrets, models, ...events }: FleetRequest): FleetParts {
  return {
    // An engine's deployment has its name.
    fleet: fleet && { ...fleet, queuedAt: (engine) => standings.known(engine)?.queued ?? 0, clean: secrets.clean },
    events: {
      ...events,
      modelsOf: (engine, caller) =>
        [...models()]
          .filter((model) => model.listed && mayUse(caller, model, model.name) && model.deployments.some((one) => one.engine === engine))
          .map(({ name }) => name),
    },
  };
}
