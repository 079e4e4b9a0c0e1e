import type { Route } from "../../gateway/visit/exchange.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import { engineRoutes } from "./engines.ts";
import { type EventDesk, eventRoutes } from "./events.ts";
import { fitRoutes } from "./fit.ts";
import type { MaybeFleet } from "./fleet-desk.ts";
import { gpuRoutes } from "./gpus.ts";
import { scheduleRoutes } from "./schedule.ts";

/** What operators see of the fleet and steer it by. */
export interface FleetParts {
  readonly fleet: MaybeFleet;
  readonly events: EventDesk;
}

/** `/admin/engines`, `/admin/gpus`, `/admin/fit`, `/admin/schedule` and `/admin/events`. */
export function fleetRoutes({ fleet, events }: FleetParts): Route[] {
  return [...engineRoutes(fleet), ...gpuRoutes(fleet), ...fitRoutes(fleet), ...scheduleRoutes(fleet, systemClock), ...eventRoutes(events)];
}
