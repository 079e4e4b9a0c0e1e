import type { Exchange, Route } from "../gateway/visit/exchange.ts";

/** The route as it is reached over the network: whoever would change something is let through, or refused, before anything is read. */
export function limitedWrites(admit: (exchange: Exchange) => Promise<void>): (route: Route) => Route {
  return (route) =>
    route.method === "GET"
      ? route
      : {
          ...route,
          async handle(exchange) {
            await admit(exchange);
            return route.handle(exchange);
          },
        };
}
