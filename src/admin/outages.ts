import type { Route } from "../gateway/visit/exchange.ts";
import { StoreTrouble } from "../store/trouble.ts";
import { Failure } from "../vocabulary/failure.ts";

/** The same routes, which tell whoever asks while the database is away that it is. */
export function tellingOutages(routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    async handle(exchange) {
      try {
        return await route.handle(exchange);
      } catch (error) {
        if (!(error instanceof StoreTrouble) || error.kind !== "away") throw error;
        throw new Failure("overloaded", `The database is away. ${error.message}`, { retryAfter: 5, cause: error });
      }
    },
  }));
}
