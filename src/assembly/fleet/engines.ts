import { hostname } from "node:os";
import type { Fleet } from "../../fleet/fleet.ts";
import { Happenings } from "../../telemetry/happenings.ts";
import type { Log } from "../../telemetry/log.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import type { FleetDesk } from "../../vocabulary/fleet-role.ts";
import { engineOpens } from "./engine-opens.ts";
import { lookAfter } from "./look-after.ts";
import { type FleetRequest, openFleet } from "./open-fleet.ts";

interface EnginesRequest extends Omit<FleetRequest, "shared" | "log"> {
  /** Where PostgreSQL is, over which there may be other gateways; absent: there are none. */
  readonly database: string | undefined;
  readonly desk: FleetDesk;
  /** No two gateways have the same. */
  readonly self: string;
  readonly log: Log;
}

/** The engines of the config, and what happens. */
export interface Engines {
  /** Absent: the config has none. */
  readonly fleet: Fleet | undefined;
  readonly happenings: Happenings;
  /** From when on one of them can be called: see `engineOpens`. */
  readonly opens: ReturnType<typeof engineOpens> | undefined;
  /** Looks at what runs already; resolves when that goes on. */
  begin(): Promise<void>;
  /** Engines go on or stop, as the config says. */
  close(): Promise<void>;
}

export function openEngines({ database, desk, self, ...request }: EnginesRequest): Engines {
  const { settings, log } = request;
  const fleet = openFleet({ ...request, shared: database === undefined ? undefined : { desk, name: database } });
  let stopLookingAfter = async () => {};
  return {
    fleet,
    happenings: fleet?.happenings ?? new Happenings(systemClock.now),
    opens: fleet && engineOpens(fleet),
    async begin() {
      if (fleet === undefined) return;
      const { public_url, port } = settings().server;
      const address = public_url ?? `http://${hostname()}:${port}`;
      stopLookingAfter = await lookAfter({ fleet, desk: database === undefined ? undefined : desk, self, address, log });
    },
    async close() {
      await fleet?.close();
      await stopLookingAfter();
    },
  };
}
