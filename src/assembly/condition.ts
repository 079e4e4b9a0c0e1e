import { shownStanding } from "../admin/standing-view.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { GpuReport } from "../fleet/report.ts";
import type { ModelHealth, ModelState } from "../http/health.ts";
import { circuitOf } from "../routing/running/report.ts";
import type { RunningStandings } from "../routing/running/standings.ts";
import type { DeploymentGauge } from "../telemetry/deployment-gauges.ts";
import type { Clock } from "../vocabulary/clock.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Installation } from "./installation.ts";

interface ConditionParts {
  readonly installation: Installation;
  readonly models: Pick<Catalog, "names" | "deployment">;
  readonly standings: RunningStandings;
  /** Absent: there are no engines. */
  readonly fleet: Pick<Fleet, "readiness" | "engines" | "gpus"> | undefined;
  readonly clock: Clock;
}

/** How models and deployments are now, as pages and metrics tell it. */
export interface Condition {
  /** Of the models that can be called, by their public names. */
  models(): Readonly<Record<string, ModelHealth>>;
  /** Of all deployments in force, and of those that wildcards made if anything is held against them; by their ids. */
  circuits(): Readonly<Record<string, object>>;
  /** Of the deployments in force that have a name in the config. */
  gauges(): Iterable<DeploymentGauge>;
}

export function conditionOf({ installation, models, standings, fleet, clock }: ConditionParts): Condition {
  const inForce = () => installation.current().models;
  const standOf = ({ id, engine }: Deployment): "well" | "out" | "closed" => {
    const readiness = engine === undefined ? undefined : fleet?.readiness(engine).type;
    if (readiness === "closed" || readiness === "out") return readiness;
    return standings.known(id)?.resting(clock.elapsed()) === undefined ? "well" : "out";
  };
  const stateOf = ({ deployments }: Model): ModelState => {
    const open = deployments.map(standOf).filter((stand) => stand !== "closed");
    const out = open.filter((stand) => stand === "out").length;
    if (open.length === 0 && deployments.length > 0) return "closed";
    return out === 0 ? "healthy" : out < open.length ? "degraded" : "unavailable";
  };
  return {
    models() {
      const { byName } = inForce();
      const used = usedBy(fleet?.gpus() ?? []);
      return Object.fromEntries(
        models.names().flatMap((name) => {
          const model = byName.get(name);
          return model === undefined ? [] : [[name, { state: stateOf(model), ...vramOf(model, used) }] as const];
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
      const waiting = new Map(fleet?.engines().map((report) => [report.spec.name, report.waiting]));
      for (const [id, { engine }] of inForce().deployments) {
        const report = standings.reportOn(id);
        const queued = (report?.queued ?? 0) + (waiting.get(engine ?? "") ?? 0);
        yield { deployment: id, engine, circuit: report === undefined ? "closed" : circuitOf(report), queued, inFlight: report?.inFlight ?? 0 };
      }
    },
  };
}

/** By engine: bytes in use on all GPUs. */
function usedBy(gpus: readonly GpuReport[]): ReadonlyMap<string, number> {
  const used = new Map<string, number>();
  for (const { use } of gpus) for (const [engine, bytes] of use?.ours ?? []) used.set(engine, (used.get(engine) ?? 0) + bytes);
  return used;
}

function vramOf({ deployments }: Model, used: ReadonlyMap<string, number>): Pick<ModelHealth, "vram_used"> {
  const engines = deployments.flatMap(({ engine }) => engine ?? []);
  return engines.length === 0 ? {} : { vram_used: engines.reduce((sum, engine) => sum + (used.get(engine) ?? 0), 0) };
}
