import type { Clock } from "../vocabulary/clock.ts";
import type { FleetMemory } from "./keeping/fleet-memory.ts";
import { closesFor, mayRun, opensFor, type Standing, windowAt } from "./schedule/calendar.ts";
import { type Override, overrideProblem, recentOverrides } from "./schedule/overrides.ts";
import { rollbackOf } from "./schedule/rollback.ts";
import type { Calendar, Schedule } from "./schedule/schedule.ts";
import { steady } from "./schedule/steady.ts";

/** Which engines may run when, by the schedule in force and what operators have put above it. Times are milliseconds since 1970. */
export interface RunningCalendar {
  /** As it is now: another object whenever something has changed. */
  current(): Calendar;
  /** What holds now. */
  standing(): Standing;
  mayRun(engine: string): boolean;
  /** Is its end so near that it is given nothing new? Nobody knows how long a request takes. */
  isClosing(engine: string): boolean;
  /** When it is given work next: now where it is; absent: never, as far as is to be foreseen. */
  opensFor(engine: string): number | undefined;
  /** Another window holds for a while. Gives what is wrong with that, if something is. Throws `invalid-request` where engines are not looked after. */
  override(wanted: Pick<Override, "window" | "until" | "by" | "reason">): ReturnType<typeof overrideProblem>;
  /** The schedule holds again. Throws `invalid-request` where engines are not looked after. */
  withdraw(): void;
  /** Back to the window before, until the next one is due; gives what then holds, `undefined` when there is no way back. */
  rollBack(reason: string): Override | undefined;
}

/** What a calendar is made of. */
interface CalendarParts {
  readonly schedule: () => Schedule;
  /** So long before its end an engine is given nothing new. Milliseconds. */
  readonly lead: () => number;
  readonly memory: FleetMemory;
  readonly clock: Pick<Clock, "now">;
  /** Throws where another gateway is to be told what people want. */
  readonly insistOnHere: () => void;
}

export function createCalendar({ schedule, lead, memory, clock: wall, insistOnHere }: CalendarParts): RunningCalendar {
  const clock = steady(wall);
  let last: Calendar = { schedule: schedule(), overrides: memory.now.overrides };
  const current = (): Calendar => {
    const [newest, { overrides }] = [schedule(), memory.now];
    if (last.schedule !== newest || last.overrides !== overrides) last = { schedule: newest, overrides };
    return last;
  };
  const add = (override: Override) => memory.keep({ overrides: [...recentOverrides(memory.now.overrides, clock.now()), override] });
  /** When that is, while it is near. */
  const closingAt = (engine: string): number | undefined => {
    const [now, before] = [clock.now(), lead()];
    const at = before === 0 || !mayRun(engine, current(), now) ? undefined : closesFor(engine, current(), now);
    return at !== undefined && now >= at - before ? at : undefined;
  };
  return {
    current,
    standing: () => windowAt(current(), clock.now()),
    mayRun: (engine) => mayRun(engine, current(), clock.now()),
    isClosing: (engine) => closingAt(engine) !== undefined,
    opensFor: (engine) => opensFor(engine, current(), closingAt(engine) ?? clock.now()),
    override(wanted) {
      insistOnHere();
      const problem = overrideProblem(wanted, schedule(), clock.now());
      if (problem === undefined) add({ ...wanted, at: clock.now(), cause: "operator" });
      return problem;
    },
    withdraw() {
      insistOnHere();
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
