import { type Exchange, type Handle, jsonReply } from "../gateway/visit/exchange.ts";
import { Failure } from "../vocabulary/failure.ts";

/** What the health pages look at. */
export interface HealthFacts {
  readonly version: string;
  /** The operator's own names for this installation; those not set are left out. */
  labels(): Readonly<Record<string, string | undefined>>;
  /** Public model names that can be called now. */
  models(): readonly string[];
  /** What is wrong with a part of the gateway itself; `undefined` when nothing is. */
  trouble(): string | undefined;
  /** Is the gateway about to stop? */
  stopping(): boolean;
  /** May this client see more than the bare status: has it a key, or does it come from a trusted network? */
  trusts(exchange: Exchange): Promise<boolean>;
  /** In the text format of Prometheus; `undefined` when the operator has turned them off. */
  metrics(): Promise<string> | undefined;
  /** Throws `invalid-key` or `permission-denied` for whoever may not read metrics. */
  admitOperator(exchange: Exchange): Promise<void>;
}

export interface HealthPages {
  readonly health: Handle;
  readonly live: Handle;
  readonly ready: Handle;
  readonly metrics: Handle;
}

/** `/live` says the process runs, `/ready` whether a request would find a model, `/health` how it is. None of them waits for anything outside. */
export function healthPages(facts: HealthFacts): HealthPages {
  const status = () => (facts.trouble() !== undefined ? "unhealthy" : facts.models().length === 0 ? "degraded" : "healthy");
  return {
    live: () => jsonReply({ status: "alive" }),
    ready: () => {
      const reason = facts.stopping() ? "stopping" : (facts.trouble() ?? (facts.models().length === 0 ? "no model can be called" : undefined));
      return reason === undefined ? jsonReply({ status: "ready" }) : jsonReply({ status: "not ready", reason }, 503);
    },
    health: async (exchange) => {
      if (!(await facts.trusts(exchange))) return jsonReply({ status: status() });
      const base = { status: status(), version: facts.version, ...facts.labels() };
      const models = Object.fromEntries(facts.models().map((name) => [name, { state: "ready" }]));
      const trouble = facts.trouble();
      return jsonReply({ ...base, models, ...(trouble === undefined ? {} : { trouble }) });
    },
    metrics: async (exchange) => {
      await facts.admitOperator(exchange);
      const metrics = facts.metrics();
      if (metrics === undefined) throw new Failure("not-found", "Metrics are turned off here. telemetry.metrics (PROMETHEUS_ENABLED) turns them on.");
      return { status: 200, headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" }, body: await metrics };
    },
  };
}
