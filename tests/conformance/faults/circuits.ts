import type { BreakerSettings, Circuit } from "../../../src/routing/health/breaker.ts";
import type { StandingReport } from "../../../src/routing/report.ts";
import type { TestBox } from "../../harness/box.ts";

/** Looks at all circuits whenever something happens, and remembers what no breaker may do. */
export interface CircuitWatch {
  look(): void;
  /** What was wrong until now, once all requests are over. */
  wrong(): string[];
}

interface Sight {
  readonly circuit: Circuit;
  readonly at: number;
  readonly until: number;
}

/** Times since 1970 are rounded. Milliseconds. */
const ROUNDED = 2;

export function watchCircuits(box: TestBox, settings: BreakerSettings): CircuitWatch {
  const last = new Map<string, Sight>();
  const wrong: string[] = [];
  /** Whom nobody would have asked, had others been well: an answer closes those at once. */
  const lastResorts = () =>
    new Set(box.records.flatMap(({ trace }) => trace.attempts.flatMap(({ deployment, why }) => (why.includes("a last resort") ? [deployment] : []))));
  const early: { readonly deployment: string; readonly what: string }[] = [];
  const judge = ({ deployment, circuit, failures, until = 0 }: StandingReport) => {
    const at = Date.now();
    const before = last.get(deployment);
    last.set(deployment, { circuit, at, until });
    const told = (what: string) => `${deployment} ${what}`;
    if (circuit === "closed" && settings.enabled && failures >= settings.failures) wrong.push(told(`is closed after ${failures} failures`));
    if (circuit === "open" && until + ROUNDED < at) wrong.push(told("is open past its time"));
    if (before?.circuit === "closed" && circuit === "half_open" && at - before.at + ROUNDED < settings.open) wrong.push(told("was never open"));
    const tooEarly = before?.circuit === "open" && circuit !== "open" && at + ROUNDED < before.until;
    if (tooEarly && circuit === "half_open") wrong.push(told("is half open before its time"));
    if (tooEarly && circuit === "closed") early.push({ deployment, what: told("closed before its time, though nobody asked it as a last resort") });
  };
  return {
    look: () => box.routing.standings.report().forEach(judge),
    wrong() {
      const asked = lastResorts();
      return [...wrong, ...early.flatMap(({ deployment, what }) => (asked.has(deployment) ? [] : [what]))];
    },
  };
}
