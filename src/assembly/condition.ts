import { shownStanding } from "../admin/standing-view.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { ModelState } from "../http/health.ts";
import { circuitOf } from "../routing/running/report.ts";
import type { RunningStandings } from "../routing/running/standings.ts";
import type { DeploymentGauge } from "../telemetry/deployment-gauges.ts";
import type { Clock } from "../vocabulary/clock.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Installation } from "./installation.ts";

interface ConditionParts {
  readonly installation: Installation;
  readonly models: Pick<Catalog, "names" | "deployment">;
  readonly standings: RunningStandings;
  readonly clock: Clock;
}

/** How models and deployments are now, as pages and metrics tell it. */
export interface Condition {
  /** Of the models that can be called, by their public names. */
  models(): Readonly<Record<string, ModelState>>;
  /** Of all deployments in force, and of those that wildcards made if anything is held against them; by their ids. */
  circuits(): Readonly<Record<string, object>>;
  /** Of the deployments in force that have a name in the config. */
  gauges(): Iterable<DeploymentGauge>;
}

export function conditionOf({ installation, models, standings, clock }: ConditionParts): Condition {
  const inForce = () => installation.current().models;
  const stateOf = ({ deployments }: Model): ModelState => {
    const now = clock.elapsed();
    const resting = deployments.filter(({ id }) => standings.known(id)?.resting(now) !== undefined).length;
    return resting === 0 ? "healthy" : resting < deployments.length ? "degraded" : "unavailable";
  };
  return {
    models() {
      const { byName } = inForce();
      return Object.fromEntries(
        models.names().flatMap((name) => {
          const model = byName.get(name);
          return model === undefined ? [] : [[name, stateOf(model)] as const];
        }),
      );
    },
    circuits() {
      const { deployments } = inForce();
      const made = standings
        .report()
        .filter((report) => !deployments.has(report.deployment) && (report.resting !== undefined || circuitOf(report) !== "closed"));
      const all = [...deployments.values(), ...made.flatMap(({ deployment }) => models.deployment(deployment) ?? [])];
      return Object.fromEntries(
        all.map((deployment) => {
          const { state, failures, until, resting, keys, last_failure } = shownStanding(deployment, standings.reportOn(deployment.id));
          return [deployment.id, { state, failures, until, resting, keys, last_failure }];
        }),
      );
    },
    *gauges() {
      for (const id of inForce().deployments.keys()) {
        const report = standings.reportOn(id);
        yield { deployment: id, circuit: report === undefined ? "closed" : circuitOf(report), queued: report?.queued ?? 0, inFlight: report?.inFlight ?? 0 };
      }
    },
  };
}
