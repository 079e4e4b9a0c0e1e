import type { Happenings } from "../telemetry/happenings.ts";
import type { Clock } from "../vocabulary/clock.ts";
import type { EngineSpec } from "../vocabulary/engine.ts";
import type { RunningCalendar } from "./calendar.ts";
import type { Desired, EngineState } from "./core/state.ts";
import type { Supervisor } from "./supervisor.ts";

interface Following {
  readonly calendar: RunningCalendar;
  readonly supervisor: Pick<Supervisor, "state" | "tell">;
  readonly happenings: Pick<Happenings, "tell">;
  readonly specs: () => readonly EngineSpec[];
  /** How long what engines have begun may go on once their window has closed. Milliseconds. */
  readonly drain: () => number;
  readonly clock: Clock;
}

/** An engine of a window that has failed so often in a row does not come up. */
const FAILURES = 5;

/** Gives what is to be called often: it tells the supervisor what the calendar wants, whenever that is something else than before. */
export function followCalendar({ calendar, supervisor, happenings, specs, drain, clock }: Following): () => void {
  let began = false;
  /** Was any of what the window starts up since it opened? Then it has come, whatever becomes of its engines later. */
  let came = false;

  /** A gateway that begins after a boundary counts from that. One that was there counts from when it noticed: clocks are set, and windows changed. */
  const drainUntil = (since: number | undefined): number => {
    const late = began || since === undefined ? 0 : Math.max(0, clock.now() - since);
    return clock.elapsed() + drain() - late;
  };
  const wanted = (): Desired => {
    const { window, preload, since } = calendar.standing();
    const names = specs().map(({ name }) => name);
    const may = new Set(names.filter((name) => calendar.mayRun(name)));
    const toRun = new Set([...preload, ...specs().flatMap(({ name, preload: always }) => (always && may.has(name) ? name : []))]);
    if (calendar.current().schedule.windows.length === 0) return { toRun };
    const closing = new Set(names.filter((name) => calendar.isClosing(name)));
    return { window, opened: since, mayRun: may, closing: closing.size === 0 ? undefined : closing, toRun, drainUntil: drainUntil(since) };
  };
  /** The window before comes back when none of those that this one starts comes up. */
  const rollBack = () => {
    const { engines, desired } = supervisor.state;
    const { preload, window, since } = calendar.standing();
    if (desired.window !== window || desired.opened !== since) return;
    const own = preload.flatMap((name) => engines.get(name) ?? []);
    came ||= own.some(isUp);
    const [first] = own;
    if (came || first === undefined || !own.every(hasFailed)) return;
    const reason = `${first.spec.name}: ${first.lastError ?? "it fails"}`;
    const override = calendar.rollBack(reason);
    if (override !== undefined) happenings.tell({ type: "window", why: `back from ${window} to ${override.window}: ${reason}`, alert: true });
  };
  return () => {
    rollBack();
    const now = wanted();
    const { desired: before } = supervisor.state;
    began = true;
    const isOpening = now.window !== before.window || now.opened !== before.opened;
    if (isSame(now.mayRun, before.mayRun) && isSame(now.closing, before.closing) && isSame(now.toRun, before.toRun) && !isOpening) return;
    if (isOpening) came = false;
    if (now.window !== before.window)
      happenings.tell({ type: "window", why: now.window === undefined ? "no window is open" : `the window ${now.window} is open` });
    supervisor.tell({ type: "desired", desired: now });
  };
}

function hasFailed({ phase, failures }: EngineState): boolean {
  return phase.type === "failed" || failures >= FAILURES;
}

function isUp({ phase }: EngineState): boolean {
  return phase.type === "ready" || phase.type === "suspect";
}

function isSame(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.size === other.size && [...one].every((each) => other.has(each));
}
