import type { Keys } from "../access/keys.ts";
import type { AnswerCache } from "../cache/cache.ts";
import type { Exchange, Handle, Reply, Route } from "../gateway/visit/exchange.ts";
import type { RequestStore } from "../store/requests/requests.ts";
import { StoreTrouble } from "../store/trouble.ts";
import { Failure } from "../vocabulary/failure.ts";
import { cacheRoutes } from "./cache.ts";
import { type ConfigDesk, configRoutes } from "./config.ts";
import { type ExplainDesk, explainRoutes } from "./explain.ts";
import { keyRoutes } from "./keys.ts";
import { type ModelDesk, modelRoutes } from "./models.ts";
import { requestRoutes } from "./requests.ts";

/** Lets a management call through, or throws `invalid-key` or `permission-denied`. */
export type Guard = (handle: Handle) => Handle;

/** What management works on. */
export interface AdminParts {
  readonly keys: Keys;
  readonly requests: RequestStore;
  readonly config: ConfigDesk;
  readonly models: ModelDesk;
  readonly cache: Pick<AnswerCache, "state" | "clear">;
  readonly explain: ExplainDesk;
}

/** Everything below `/admin`, behind one guard: whoever may in, may all. */
export function adminRoutes(parts: AdminParts, admit: (exchange: Exchange) => Promise<void>): Route[] {
  const guard: Guard =
    (handle) =>
    async (exchange): Promise<Reply> => {
      await admit(exchange);
      try {
        return await handle(exchange);
      } catch (error) {
        if (!(error instanceof StoreTrouble) || error.kind !== "away") throw error;
        throw new Failure("overloaded", `The database is away. ${error.message}`, { retryAfter: 5, cause: error });
      }
    };
  return [
    ...keyRoutes(parts.keys, guard),
    ...requestRoutes(parts.requests, guard),
    ...configRoutes(parts.config, guard),
    ...modelRoutes(parts.models, guard),
    ...explainRoutes(parts, guard),
    ...cacheRoutes(parts.cache, () => parts.models.models(), guard),
  ];
}
