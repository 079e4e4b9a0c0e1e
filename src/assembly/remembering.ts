import type { AnswerCache } from "../cache/cache.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { Visit } from "../gateway/visit/visit.ts";
import type { RateLimiter } from "../limits/rates/limiter.ts";
import type { Store } from "../store/open.ts";
import type { DeploymentGauge } from "../telemetry/deployment-gauges.ts";
import type { Log } from "../telemetry/log.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { recorder } from "../telemetry/recorder.ts";
import type { RequestRecord } from "../vocabulary/record.ts";
import { fleetReadings } from "./fleet/fleet-readings.ts";
import type { Installation } from "./installation.ts";

interface Remembering {
  readonly installation: Installation;
  readonly models: Catalog;
  readonly store: Store;
  readonly log: Log;
  readonly cache: Pick<AnswerCache, "state">;
  readonly limits: Pick<RateLimiter, "counts">;
  readonly deployments: () => Iterable<DeploymentGauge>;
  /** Absent: there are no engines. */
  readonly fleet: Parameters<typeof fleetReadings>[0] | undefined;
  /** This process among its replicas. */
  readonly instance: string;
  /** Requests that are not over. */
  readonly inFlight: () => Iterable<Visit>;
}

/** Rows, lines and counts of requests. */
export function remembering({ installation, models, store, log, cache, limits, deployments, fleet, instance, inFlight }: Remembering): {
  readonly metrics: Metrics;
  readonly remember: (record: RequestRecord) => void;
  /**
   * Of what came in over the network: it also says who was seen when. Probes of health and management are not what the gateway is for: only
   * their failures are remembered.
   */
  readonly record: (record: RequestRecord) => void;
} {
  const telemetry = (): Settings["telemetry"] => installation.current().snapshot.settings.telemetry;
  const metrics = createMetrics({
    knownModel: models.known,
    knownDeployment: (id) => installation.current().models.deployments.has(id),
    inFlight: () => Array.from(inFlight(), ({ model }) => model).filter((model) => model !== ""),
    backlog: () => ({ rowsWaiting: store.requests.state().waiting, rowsDropped: store.requests.state().dropped, linesDropped: log.dropped() }),
    deployments,
    fleet: fleet && fleetReadings(fleet),
    limits: () => limits.counts(),
    shadow: () => cache.state().shadow,
  });
  const remember = recorder({
    store: store.requests,
    log,
    metrics,
    instance,
    logRequests: () => telemetry().log_requests,
    countRequests: () => telemetry().metrics,
  });
  return {
    metrics,
    remember,
    record(entry) {
      const { keyId, userId, startedAt } = entry;
      // Tokens and logins have ids that no key has: they meet no row.
      if (keyId !== undefined) store.keys.seen(keyId, startedAt);
      if (userId !== undefined) store.users.seen(userId, startedAt);
      if (entry.operation !== "other" || entry.outcome !== "ok") remember(entry);
    },
  };
}
