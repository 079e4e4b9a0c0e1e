import type { Happenings } from "../telemetry/happenings.ts";
import type { Clock } from "../vocabulary/clock.ts";
import type { EngineSpec } from "../vocabulary/engine.ts";
import type { RunningCalendar } from "./calendar.ts";
import type { Desired, EngineState } from "./core/state.ts";
import type { Supervisor } from "./supervisor.ts";

interface Following {
  readonly calendar: RunningCalendar;
  readonly supervisor: Pick<Supervisor, "state" | "tell">;
  readonly happenings: Happenings;
  readonly specs: () => readonly EngineSpec[];
  /** How long what engines have begun may go on once their window has closed. Milliseconds. */
  readonly drain: () => number;
  readonly clock: Clock;
}

/** An engine of a window that has failed so often in a row does not come up: the window before comes back. */
const FAILURES = 5;

/** Gives what is to be called often: it tells the supervisor what the calendar wants, whenever that is something else than before. */
export function followCalendar({ calendar, supervisor, happenings, specs, drain, clock }: Following): () => void {
  const wanted = (): Desired => {
    const { window, preload, since } = calendar.standing();
    const may = new Set(specs().flatMap(({ name }) => (calendar.mayRun(name) ? name : [])));
    const toRun = new Set([...preload, ...specs().flatMap(({ name, preload: always }) => (always && may.has(name) ? name : []))]);
    if (window === undefined && since === undefined) return { toRun };
    return { window, mayRun: may, toRun, drainUntil: clock.elapsed() + (since ?? clock.now()) + drain() - clock.now() };
  };
  const rollBack = () => {
    const { engines, desired } = supervisor.state;
    const failed = [...engines.values()].find((engine) => desired.toRun.has(engine.spec.name) && hasFailed(engine));
    if (failed === undefined || desired.window === undefined) return;
    const reason = `${failed.spec.name} does not start: ${failed.lastError ?? "it fails"}`;
    const override = calendar.rollBack(reason);
    if (override !== undefined) happenings.tell({ type: "window", why: `back from ${desired.window} to ${override.window}: ${reason}`, alert: true });
  };
  return () => {
    rollBack();
    const now = wanted();
    const { desired: before } = supervisor.state;
    if (now.window === before.window && isSame(now.mayRun, before.mayRun) && isSame(now.toRun, before.toRun)) return;
    if (now.window !== before.window)
      happenings.tell({ type: "window", why: now.window === undefined ? "no window is open" : `the window ${now.window} is open` });
    supervisor.tell({ type: "desired", desired: now });
  };
}

function hasFailed({ phase, failures }: EngineState): boolean {
  return phase.type === "failed" || failures >= FAILURES;
}

function isSame(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.size === other.size && [...one].every((each) => other.has(each));
}
