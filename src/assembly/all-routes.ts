import { ownRoutes } from "../admin/me.ts";
import { ownMoneyRoutes } from "../admin/own-money.ts";
import { type AdminParts, adminRoutes } from "../admin/routes.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Route } from "../gateway/visit/exchange.ts";
import { clientRoutes, type OpenHandlers, type RouteOptions } from "../http/routes.ts";

interface RouteParts {
  readonly box: Signalbox;
  readonly health: OpenHandlers;
  readonly desk: AdminParts;
  readonly options: RouteOptions;
}

/** Everything that is answered on the port. */
export function allRoutes({ box, health, desk, options }: RouteParts): Route[] {
  return [...clientRoutes(box, health, options), ...ownRoutes(desk), ...ownMoneyRoutes(desk.money), ...adminRoutes(desk)];
}
