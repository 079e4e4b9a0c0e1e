import type { Clock } from "../vocabulary/clock.ts";
import type { FleetMemory } from "./keeping/fleet-memory.ts";
import { mayRun, opensFor, type Standing, windowAt } from "./schedule/calendar.ts";
import { type Override, overrideProblem, recentOverrides } from "./schedule/overrides.ts";
import { rollbackOf } from "./schedule/rollback.ts";
import type { Calendar, Schedule } from "./schedule/schedule.ts";

/** Which engines may run when, by the schedule in force and what operators have put above it. Times are milliseconds since 1970. */
export interface RunningCalendar {
  /** As it is now: another object whenever something has changed. */
  current(): Calendar;
  /** What holds now. */
  standing(): Standing;
  mayRun(engine: string): boolean;
  /** When it may run next; absent: never, as far as is to be foreseen. */
  opensFor(engine: string): number | undefined;
  /** Another window holds for a while. Gives what is wrong with that, if something is. */
  override(wanted: Pick<Override, "window" | "until" | "by" | "reason">): ReturnType<typeof overrideProblem>;
  /** The schedule holds again. */
  withdraw(): void;
  /** Back to the window before, until the next one is due; gives what then holds, `undefined` when there is no way back. */
  rollBack(reason: string): Override | undefined;
}

export function createCalendar(schedule: () => Schedule, memory: FleetMemory, clock: Pick<Clock, "now">): RunningCalendar {
  let last: Calendar = { schedule: schedule(), overrides: memory.now.overrides };
  const current = (): Calendar => {
    const [newest, { overrides }] = [schedule(), memory.now];
    if (last.schedule !== newest || last.overrides !== overrides) last = { schedule: newest, overrides };
    return last;
  };
  const add = (override: Override) => memory.keep({ overrides: [...recentOverrides(memory.now.overrides, clock.now()), override] });
  return {
    current,
    standing: () => windowAt(current(), clock.now()),
    mayRun: (engine) => mayRun(engine, current(), clock.now()),
    opensFor: (engine) => opensFor(engine, current(), clock.now()),
    override(wanted) {
      const problem = overrideProblem(wanted, schedule(), clock.now());
      if (problem === undefined) add({ ...wanted, at: clock.now(), cause: "operator" });
      return problem;
    },
    withdraw() {
      const now = clock.now();
      memory.keep({ overrides: memory.now.overrides.map((override) => (override.until > now ? { ...override, until: now } : override)) });
    },
    rollBack(reason) {
      const override = rollbackOf(current(), clock.now(), reason);
      if (override !== undefined) add(override);
      return override;
    },
  };
}
