import { Counter, Gauge, Histogram, Registry } from "@prometheus-io/client";
import type { DialectName } from "../vocabulary/dialect.ts";
import { dollarNumber } from "../vocabulary/money.ts";
import { isFromCache, type RequestRecord } from "../vocabulary/record.ts";
import { type DeploymentGauge, registerDeployments } from "./deployment-gauges.ts";
import { type FleetReadings, registerFleet } from "./fleet-metrics.ts";
import { Tally } from "./tally.ts";

export interface Metrics {
  /** Counts a request that has ended. */
  observe(record: RequestRecord): void;
  /** Everything in Prometheus' text form. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface MetricsParts {
  /** Is this public model name in the config? Any other becomes `other`, so that strangers cannot make time series. */
  readonly knownModel: (model: string) => boolean;
  readonly knownDeployment: (deployment: string) => boolean;
  /** Read when the metrics are: the model of every request that is not over. */
  readonly inFlight?: () => Iterable<string>;
  /** Read when the metrics are: how deployments in force are. */
  readonly deployments?: () => Iterable<DeploymentGauge>;
  /** Engines of ours and their GPUs; absent: there are none. */
  readonly fleet?: FleetReadings;
  /** Read when the metrics are: how often an answer to nearly the same question would have been right. */
  readonly shadow?: () => { readonly true: number; readonly false: number };
  /** Read when the metrics are: how often requests met a limit, and what became of them. */
  readonly limits?: () => Iterable<{ readonly scope: string; readonly outcome: string; readonly count: number }>;
  /** Read when the metrics are: rows on their way to the disk and rows given up, log lines given up. */
  readonly backlog?: () => { readonly rowsWaiting: number; readonly rowsDropped: number; readonly linesDropped: number };
}

const DIALECTS: Readonly<Record<DialectName, true>> = {
  "openai-chat": true,
  "openai-responses": true,
  "openai-completions": true,
  "openai-embeddings": true,
  "openai-moderations": true,
  "openai-images": true,
  "openai-audio": true,
  "openai-rerank": true,
  "anthropic-messages": true,
  gemini: true,
  "gemini-embeddings": true,
  ollama: true,
  "ollama-generate": true,
  "ollama-embeddings": true,
};

/** Seconds. From an embedding to a long chain of thought. */
const DURATIONS = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160, 320, 640];
const FIRST_TOKENS = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 60];
const OTHER = "other";

/** The metrics of requests. */
export function createMetrics({ knownModel, knownDeployment, inFlight, backlog, shadow, limits, deployments, fleet }: MetricsParts): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[]) => new Tally({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, buckets: number[]) => new Histogram({ name, help, labelNames: ["model"], buckets, registers });

  const requests = counter("llm_requests_total", "Requests that have ended.", ["model", "dialect", "outcome", "deployment"]);
  const durations = histogram("llm_requests_duration_seconds", "From the request's first byte to the answer's last.", DURATIONS);
  const firstTokens = histogram("llm_time_to_first_token_seconds", "From the request's first byte to the first content of a stream.", FIRST_TOKENS);
  const tokens = counter("llm_tokens_total", "Tokens by kind, without what the cache answered. The kinds are disjoint, but reasoning is also part of output.", [
    "model",
    "kind",
  ]);
  const costs = counter("llm_cost_usd_total", "US dollars that requests cost the house, where a price is known.", ["model"]);
  const errors = counter("llm_requests_errors_total", "Requests that failed, by kind of failure.", ["model", "kind"]);
  const attempts = counter("llm_attempts_total", "Attempts at deployments: ok, or the kind of failure.", ["outcome", "deployment"]);
  const cached = counter("cache_requests_total", "Requests of models whose answers are kept, by what the cache did for them.", ["outcome"]);
  if (backlog) registerBacklog(backlog, registers);
  if (shadow) registerShadow(shadow, registers);
  if (limits) registerLimits(limits, registers);
  if (deployments) registerDeployments(deployments, registers);
  if (fleet) registerFleet(fleet, registers);

  const modelLabel = (model: string) => (knownModel(model) ? model : OTHER);
  const deploymentLabel = (deployment: string | undefined) => (deployment === undefined ? "" : knownDeployment(deployment) ? deployment : OTHER);
  if (inFlight) {
    new Gauge({
      name: "llm_in_flight",
      help: "Requests being served.",
      labelNames: ["model"],
      registers,
      collect() {
        this.reset();
        for (const model of inFlight()) this.inc({ model: modelLabel(model) });
      },
    });
  }
  const countTokens = (model: string, kind: string, count: number) => {
    if (count > 0 && Number.isFinite(count)) tokens.add(count, model, kind);
  };

  return {
    contentType: registry.contentType,
    observe(record) {
      const model = modelLabel(record.model);
      const dialect = Object.hasOwn(DIALECTS, record.dialect) ? record.dialect : OTHER;
      requests.add(1, model, dialect, record.outcome, deploymentLabel(record.deployment));
      durations.observe({ model }, record.totalMs / 1000);
      if (record.firstTokenMs !== undefined) firstTokens.observe({ model }, record.firstTokenMs / 1000);
      if (record.outcome === "failed") errors.add(1, model, record.failure ?? "internal");
      for (const attempt of record.trace.attempts) attempts.add(1, attempt.failure ?? "ok", deploymentLabel(attempt.deployment));
      if (record.cache !== undefined) cached.add(1, record.cache);
      if (record.cost !== undefined) costs.add(dollarNumber(record.cost), model);
      const usage = record.usage;
      if (!usage || isFromCache(record.cache)) return;
      countTokens(model, "input", usage.input);
      countTokens(model, "cache_read", usage.cacheRead);
      countTokens(model, "cache_write_5m", usage.cacheWrite5m);
      countTokens(model, "cache_write_1h", usage.cacheWrite1h);
      countTokens(model, "output", usage.output);
      countTokens(model, "reasoning", usage.reasoning);
    },
    text: () => registry.metrics(),
  };
}

function registerShadow(shadow: NonNullable<MetricsParts["shadow"]>, registers: Registry[]): void {
  new Counter({
    name: "cache_semantic_shadow_total",
    help: "Answers to nearly the same question, not given but compared with the fresh one: true when they said the same.",
    labelNames: ["outcome"],
    registers,
    collect() {
      this.reset();
      for (const outcome of ["true", "false"] as const) this.inc({ outcome }, shadow()[outcome]);
    },
  });
}

function registerLimits(limits: NonNullable<MetricsParts["limits"]>, registers: Registry[]): void {
  new Counter({
    name: "rate_limit_requests_total",
    help: "Requests that met a limit, by whose it is and what became of them; alone: counted by this gateway for itself, while Redis is away.",
    labelNames: ["scope", "outcome"],
    registers,
    collect() {
      this.reset();
      for (const { scope, outcome, count } of limits()) this.inc({ scope, outcome }, count);
    },
  });
}

function registerBacklog(backlog: NonNullable<MetricsParts["backlog"]>, registers: Registry[]): void {
  new Gauge({
    name: "signalbox_request_rows_waiting",
    help: "Request rows accepted but not yet in the database.",
    registers,
    collect() {
      this.set(backlog().rowsWaiting);
    },
  });
  new Counter({
    name: "signalbox_request_rows_dropped_total",
    help: "Request rows given up because the database did not keep up.",
    registers,
    collect() {
      this.reset();
      this.inc(backlog().rowsDropped);
    },
  });
  new Counter({
    name: "signalbox_log_lines_dropped_total",
    help: "Log lines given up because the output did not keep up.",
    registers,
    collect() {
      this.reset();
      this.inc(backlog().linesDropped);
    },
  });
}
