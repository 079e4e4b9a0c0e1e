import { ownEventRoutes } from "../admin/fleet/events.ts";
import { ownMoneyRoutes } from "../admin/money/own-money.ts";
import { ownUsageRoutes } from "../admin/money/usage.ts";
import { tellingOutages } from "../admin/outages.ts";
import { ownRoutes } from "../admin/people/me.ts";
import { ownRequestRoutes } from "../admin/requests/requests.ts";
import { type AdminParts, adminRoutes } from "../admin/routes.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Route } from "../gateway/visit/exchange.ts";
import { type AuthDesk, authRoutes } from "../http/auth/routes.ts";
import { clientRoutes, type OpenHandlers, type RouteOptions } from "../http/routes.ts";
import { type StayDesk, stayRoutes } from "../http/stay-routes.ts";

interface RouteParts {
  readonly box: Signalbox;
  readonly health: OpenHandlers;
  readonly desk: AdminParts;
  readonly doors: AuthDesk;
  readonly options: RouteOptions;
  /** Absent: there are no other gateways. */
  readonly stays: StayDesk | undefined;
}

/** Everything that is answered on the port. */
export interface AllRoutes {
  /** For programs, by key or token. */
  readonly programs: Route[];
  /** For people too, whose browsers may be logged in: another site's page must not ask there in their name. */
  readonly people: Route[];
}

export function allRoutes({ box, health, desk, doors, options, stays }: RouteParts): AllRoutes {
  return {
    programs: [...clientRoutes(box, health, options), ...(stays === undefined ? [] : stayRoutes(stays))],
    people: [
      ...authRoutes(doors),
      ...tellingOutages([...ownRoutes(desk), ...ownMoneyRoutes(desk.money), ...ownUsageRoutes(desk), ...ownRequestRoutes(desk)]),
      ...ownEventRoutes(desk),
      ...adminRoutes(desk),
    ],
  };
}
