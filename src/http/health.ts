import { type Exchange, type Handle, jsonReply, type Route } from "../gateway/visit/exchange.ts";
import { Failure } from "../vocabulary/failure.ts";

/** `degraded`: some of its deployments rest or have failed; `unavailable`: all do; `closed`: the schedule has none of them run now. */
export type ModelState = "healthy" | "degraded" | "unavailable" | "closed";

/** How a model is. */
export interface ModelHealth {
  readonly state: ModelState;
  /** Bytes that engines of ours use for it on all GPUs; absent: it has no engines. */
  readonly vram_used?: number;
}

type Models = Readonly<Record<string, ModelHealth>>;

/** What the health pages look at. */
export interface HealthFacts {
  readonly version: string;
  /** The operator's own names for this installation; those not set are left out. */
  labels(): Readonly<Record<string, string | undefined>>;
  /** Models that can be called, by their public names. */
  models(): Models;
  /** How deployments are, by their ids. */
  circuits(): Readonly<Record<string, object>>;
  /** What is wrong with a part of the gateway itself; `undefined` when nothing is. */
  trouble(): string | undefined;
  /** Why nobody can be served yet: the database has not been reached since the start; `undefined` once it has. */
  waitingFor(): string | undefined;
  /** What cannot be reached and is gone on without: Redis and PostgreSQL, where several gateways share them, and what runs engines. */
  sharedTrouble(): string | undefined;
  /** Is the gateway about to stop? */
  stopping(): boolean;
  /** May this client see more than the bare status: has it been let in or has it a key, or does it come from a trusted network? */
  trusts(exchange: Exchange): Promise<boolean>;
  /** In the text format of Prometheus; `undefined` when the operator has turned them off. */
  metrics(): Promise<string> | undefined;
}

export interface HealthPages {
  readonly health: Handle;
  readonly live: Handle;
  readonly ready: Handle;
  readonly circuits: Handle;
  readonly metrics: Handle;
}

/**
 * `/live` says the process runs, `/ready` whether a request would find a model, `/health` how all is. None of them waits for anything outside.
 * What passes by itself, models that rest, a Redis, a PostgreSQL or a Docker that is away, makes it degraded and never unready: other gateways would
 * have no more. Only a gateway that never saw its database is not ready: it knows no key.
 */
export function healthPages(facts: HealthFacts): HealthPages {
  const isEmpty = (models: Models) => Object.keys(models).length === 0;
  const statusWith = (models: Models) => {
    if (facts.trouble() !== undefined || facts.waitingFor() !== undefined) return "unhealthy";
    const isOut = Object.values(models).some(({ state }) => state === "unavailable");
    return isEmpty(models) || isOut || facts.sharedTrouble() !== undefined ? "degraded" : "healthy";
  };
  const troubles = () => [facts.trouble(), facts.sharedTrouble()].filter((trouble) => trouble !== undefined);
  return {
    live: () => jsonReply({ status: "alive" }),
    ready: async (exchange) => {
      const reason = facts.stopping()
        ? "stopping"
        : (facts.waitingFor() ?? facts.trouble() ?? (isEmpty(facts.models()) ? "no model can be called" : undefined));
      if (reason !== undefined) return jsonReply({ status: "not ready", reason }, 503);
      const trouble = facts.sharedTrouble();
      if (trouble === undefined) return jsonReply({ status: "ready" });
      return jsonReply({ status: "degraded", ...((await facts.trusts(exchange)) ? { reason: trouble } : {}) });
    },
    health: async (exchange) => {
      const models = facts.models();
      const status = statusWith(models);
      if (!(await facts.trusts(exchange))) return jsonReply({ status });
      const trouble = troubles().join(" ");
      return jsonReply({ status, version: facts.version, ...facts.labels(), models, ...(trouble === "" ? {} : { trouble }) });
    },
    circuits: () => jsonReply({ status: statusWith(facts.models()), circuit_breakers: facts.circuits() }),
    metrics: async () => {
      const metrics = facts.metrics();
      if (metrics === undefined) throw new Failure("not-found", "Metrics are turned off here. telemetry.metrics (PROMETHEUS_ENABLED) turns them on.");
      return { status: 200, headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" }, body: await metrics };
    },
  };
}

/** The same page for whoever owns the data folder, who may see all of it. */
export function ownersHealth({ health }: Pick<HealthPages, "health">): Route {
  return { method: "GET", path: "/health", admits: "operator", handle: health };
}
