import type { Path } from "../../config/file/problem.ts";
import { nearestName } from "../../vocabulary/nearest-name.ts";
import { fits, loadsOf, type Machine, startedIn, sumText } from "./residents.ts";
import type { Schedule, Window } from "./schedule.ts";
import { holdsAt, hoursText, MINUTES, minuteText } from "./week.ts";

/** Something wrong with a schedule, or odd about it. */
export interface Finding {
  /** Without it the schedule cannot be used; a notice is told, and it can. */
  readonly kind: "problem" | "notice";
  /** Within the schedule, in the config's words: `["windows", 0, "engines", 1]`. */
  readonly path: Path;
  readonly message: string;
  readonly fix: string;
}

/** All that is wrong with a schedule, and what is odd about it. No GPUs: what fits is not looked at. */
export function checkSchedule(schedule: Schedule, machine: Machine): Finding[] {
  return [
    ...schedule.windows.flatMap((window, index) => [
      ...nameFindings(window, index, schedule),
      ...engineFindings(window, index, machine),
      ...lengthFindings(window, index),
      ...overlapFindings(window, index, schedule),
      ...fitFindings(window, schedule, machine),
    ]),
    ...otherwiseFindings(schedule),
  ];
}

function nameFindings({ name }: Window, index: number, { windows }: Schedule): Finding[] {
  if (windows.findIndex((window) => window.name === name) === index) return [];
  return [
    {
      kind: "problem",
      path: ["windows", index, "name"],
      message: `there is a window ${name} already.`,
      fix: "Give each a name of its own: overrides name them.",
    },
  ];
}

function engineFindings({ engines, preload }: Window, index: number, { specs }: Machine): Finding[] {
  const known = specs.map(({ name }) => name);
  const unknown = (field: "engines" | "preload", names: readonly string[]) =>
    names.flatMap((name, position): Finding[] =>
      known.includes(name)
        ? []
        : [{ kind: "problem", path: ["windows", index, field, position], message: `there is no engine named ${name}.`, fix: engineToChoose(name, known) }],
    );
  const strange = preload.flatMap((name, position): Finding[] =>
    engines.includes(name) || !known.includes(name)
      ? []
      : [
          {
            kind: "problem",
            path: ["windows", index, "preload", position],
            message: `${name} is started, and is none of engines, which may run.`,
            fix: "Add it to engines.",
          },
        ],
  );
  return [...unknown("engines", engines), ...unknown("preload", preload), ...strange];
}

function engineToChoose(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  return near === undefined ? "Add it under fleet.engines." : `Did you mean ${near}?`;
}

function lengthFindings({ hours }: Window, index: number): Finding[] {
  if (hours === undefined) return [];
  if (hours.days?.length === 0)
    return [
      { kind: "notice", path: ["windows", index, "days"], message: "names no day: this window never opens.", fix: "Name its days, or leave days out for all." },
    ];
  if (hours.from !== hours.to || hours.from === 0) return [];
  const message = `is the same as from: ${hoursText(hours)} is a whole day, not no time.`;
  return [{ kind: "notice", path: ["windows", index, "to"], message, fix: "Give another end, or 00:00 to 24:00 for a day." }];
}

/** Of windows that hold at once the first counts: tells each that another one is before it, or always is. */
function overlapFindings({ hours, name }: Window, index: number, { windows }: Schedule): Finding[] {
  if (hours === undefined) return [];
  const earlier = windows.slice(0, index);
  const winner = (minute: number) => earlier.find((window) => window.hours !== undefined && holdsAt(window.hours, minute));
  const own = MINUTES.filter((minute) => holdsAt(hours, minute));
  const lost = own.filter((minute) => winner(minute) !== undefined);
  const [first] = lost;
  if (first === undefined) return [];
  const always = lost.length === own.length ? `: ${name} never holds` : "";
  const message = `overlaps with ${winner(first)?.name}, as on ${minuteText(first)}, which holds then because it comes first${always}.`;
  return [{ kind: "notice", path: ["windows", index], message, fix: "Change the hours of one, or put first what is to hold." }];
}

function otherwiseFindings({ windows }: Schedule): Finding[] {
  const [first, ...more] = windows.flatMap(({ hours, name }, index) => (hours === undefined ? [{ index, name }] : []));
  if (first !== undefined)
    return more.map(({ index }) => ({
      kind: "problem",
      path: ["windows", index, "otherwise"],
      message: `${first.name} is otherwise already.`,
      fix: "Only one window can be: give this one from and to.",
    }));
  const gap = MINUTES.find((minute) => !windows.some(({ hours }) => hours !== undefined && holdsAt(hours, minute)));
  if (gap === undefined || windows.length === 0) return [];
  const message = `no window holds on ${minuteText(gap)}: the engines that windows name rest then.`;
  return [{ kind: "notice", path: ["windows"], message, fix: "Add a window with otherwise: true if some are to run." }];
}

/** Can all that is started in this window be there at once? */
function fitFindings(window: Window, schedule: Schedule, machine: Machine): Finding[] {
  const loads = loadsOf(startedIn(window, schedule, machine), machine);
  if (fits(loads)) return [];
  const sums = loads.filter((load) => !fits([load])).map(sumText);
  const message = `what ${window.name} starts does not fit: ${sums.join("; ")}.`;
  return [
    {
      kind: "notice",
      path: ["windows", schedule.windows.indexOf(window), "preload"],
      message,
      fix: "Take some out of preload: they are started when they are called, and there is room.",
    },
  ];
}
