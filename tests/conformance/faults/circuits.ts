import type { BreakerSettings, Circuit } from "../../../src/routing/health/breaker.ts";
import type { TestBox } from "../../harness/box.ts";

/** Looks at all deployments' breakers whenever something happens, and remembers what none of them may do. */
export interface CircuitWatch {
  look(): void;
  /** What was wrong until now, once all requests are over. */
  wrong(): string[];
}

/** Times are milliseconds on `performance.now()`. */
interface Sight {
  readonly circuit: Circuit;
  readonly at: number;
  readonly until: number;
}

export function watchCircuits(box: TestBox, settings: BreakerSettings): CircuitWatch {
  const last = new Map<string, Sight>();
  const wrong: string[] = [];
  const closedEarly: { readonly deployment: string; readonly what: string }[] = [];
  /** Whom nobody would have asked, had others been well: an answer closes those at once. */
  const lastResorts = () =>
    new Set(box.records.flatMap(({ trace }) => trace.attempts.flatMap(({ deployment, why }) => (why.includes("a last resort") ? [deployment] : []))));
  const judge = (deployment: string) => {
    const breaker = box.routing.standings.known(deployment)?.breaker;
    if (breaker === undefined) return;
    const at = performance.now();
    const { until, failures } = breaker;
    const circuit = breaker.circuit(at);
    const before = last.get(deployment);
    last.set(deployment, { circuit, at, until });
    if (circuit === "closed" && settings.enabled && failures >= settings.failures) wrong.push(`${deployment} is closed after ${failures} failures`);
    if (before?.circuit === "closed" && circuit === "half_open" && at - before.at < settings.open) wrong.push(`${deployment} was never open`);
    if (before?.circuit !== "open" || circuit === "open" || at >= before.until) return;
    if (circuit === "half_open") wrong.push(`${deployment} is half open before its time`);
    else closedEarly.push({ deployment, what: `${deployment} closed before its time, though nobody asked it as a last resort` });
  };
  return {
    look() {
      for (const { deployment } of box.routing.standings.report()) judge(deployment);
    },
    wrong() {
      const asked = lastResorts();
      return [...wrong, ...closedEarly.flatMap(({ deployment, what }) => (asked.has(deployment) ? [] : [what]))];
    },
  };
}
