import { Gauge, type Registry } from "@prometheus-io/client";

/** How one deployment is when metrics are read. */
export interface DeploymentGauge {
  readonly deployment: string;
  /** The engine of ours that it is. */
  readonly engine?: string;
  readonly circuit: keyof typeof CIRCUITS;
  /** Calls that wait for it, and calls at it. */
  readonly queued: number;
  readonly inFlight: number;
}

const CIRCUITS = { closed: 0, half_open: 1, open: 2 } as const;

/** Gauges of deployments, read when the metrics are: those that are not named any more leave no series behind. */
export function registerDeployments(gauges: () => Iterable<DeploymentGauge>, registers: Registry[]): void {
  const register = (name: string, help: string, value: (gauge: DeploymentGauge) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["deployment", "engine"],
      registers,
      collect() {
        this.reset();
        for (const gauge of gauges()) this.set(labelsOf(gauge), value(gauge));
      },
    });
  register("circuit_breaker_state", "Is the deployment left alone? 0 closed, 1 half open, 2 open.", ({ circuit }) => CIRCUITS[circuit]);
  register("llm_queue_depth", "Calls waiting for a place at the deployment.", ({ queued }) => queued);
  register("llm_deployment_in_flight", "Calls at the deployment.", ({ inFlight }) => inFlight);
}

function labelsOf({ deployment, engine }: DeploymentGauge): Record<string, string> {
  return engine === undefined ? { deployment } : { deployment, engine };
}
