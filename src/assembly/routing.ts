import type { Catalog } from "../catalog/catalog.ts";
import type { Settings } from "../config/schema/schema.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { gateFor } from "../limits/gate.ts";
import { waitAt } from "../limits/waiting.ts";
import { createRouting, type RunningRouting } from "../routing/create.ts";
import { startChecks } from "../routing/health/checks.ts";
import { oneTokenOver } from "../routing/health/one-token.ts";
import type { Happenings } from "../telemetry/happenings.ts";
import type { UpstreamClient } from "../upstream/client.ts";
import { probeOver } from "../upstream/probe.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { systemTimer } from "../vocabulary/timer.ts";
import { heardBy, hintsOver } from "./hints.ts";
import type { Installation } from "./installation.ts";
import type { Replicas } from "./replicas.ts";

interface RoutingRequest {
  readonly installation: Installation;
  readonly models: Catalog;
  readonly upstream: UpstreamClient;
  readonly replicas: Replicas;
  /** Absent: there are no engines. */
  readonly fleet: Pick<Fleet, "readiness" | "opensFor" | "limitOf" | "missed" | "happenings"> | undefined;
  /** Told of deployments that are left alone. */
  readonly happenings: Pick<Happenings, "tell">;
}

/** Routing over whatever is in force now, and the checks that look at services while nobody asks them; `stop` ends those. */
export function openRouting({ installation, models, upstream, replicas, fleet, happenings }: RoutingRequest): RunningRouting & { stop(): void } {
  const settings = (): Settings["routing"] => installation.current().snapshot.settings.routing;
  const inForce = () => installation.current().models;
  const routing = createRouting({
    instead: models.instead,
    models: () => inForce().all(),
    settings: () => ({ breaker: settings().breaker, outliers: settings().outliers, patience: settings().deadlines.queue }),
    gateFor,
    waitAt,
    hints: heardBy(happenings, hintsOver(replicas)),
    engines: fleet,
    clock: systemClock,
    timer: systemTimer,
    random: Math.random,
  });
  // What was held against an engine was held against a start of it that is gone.
  fleet?.happenings.listen(({ engine, from, to }) => {
    if (from !== "warming" || to !== "ready") return;
    for (const deployment of inForce().deployments.values()) if (deployment.engine === engine) routing.standings.reset(deployment.id);
  });
  const stop = startChecks({
    standings: routing.standings,
    // The fleet looks at its engines itself: it knows where they are, and whether they are to be up at all.
    deployments: () =>
      inForce()
        .deployments.values()
        .filter(({ engine }) => engine === undefined),
    settings() {
      const { max_fails, fail_timeout, ...rest } = settings().health_check;
      return { ...rest, maxFails: max_fails, failTimeout: fail_timeout };
    },
    probe: probeOver(upstream),
    oneToken: oneTokenOver(upstream),
    clock: systemClock,
    timer: systemTimer,
  });
  return { ...routing, stop };
}
