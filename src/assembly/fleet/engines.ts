import { hostname } from "node:os";
import type { Settings } from "../../config/schema/schema.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import type { StayDesk } from "../../http/stay-routes.ts";
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
  /** The port is known now. */
  listening(port: number): void;
  /** What other gateways ask of this one; absent: there can be no others. */
  readonly stays: Omit<StayDesk, "pulse"> | undefined;
  /** Engines go on or stop, as the config says. */
  close(): Promise<void>;
}

export function openEngines({ database, desk, self, ...request }: EnginesRequest): Engines {
  const { settings, log } = request;
  const fleet = openFleet({ ...request, shared: database === undefined ? undefined : { desk, name: database } });
  const secret = crypto.randomUUID();
  let stopLookingAfter = async () => {};
  let port: number | undefined;
  return {
    fleet,
    happenings: fleet?.happenings ?? new Happenings(systemClock.now),
    opens: fleet && engineOpens(fleet),
    stays: fleet === undefined || database === undefined ? undefined : { fleet, secret: () => (fleet.isElsewhere() ? undefined : secret) },
    async begin() {
      if (fleet === undefined) return;
      stopLookingAfter = await lookAfter({
        fleet,
        desk: database === undefined ? undefined : desk,
        self,
        address: () => addressOf(settings(), port),
        secret,
        upstream: request.upstream,
        log,
      });
    },
    listening(at) {
      port = at;
    },
    async close() {
      await fleet?.close();
      await stopLookingAfter();
    },
  };
}

/** Where others reach this gateway, and no other one: a name that stands for several would not do. */
function addressOf({ fleet, server }: Settings, port = server.port): string {
  const host = ["0.0.0.0", "::"].includes(server.host) ? hostname() : server.host;
  return fleet.address ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
