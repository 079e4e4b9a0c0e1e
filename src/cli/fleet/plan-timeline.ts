import type { Plan, PlanDay, PlanGpu } from "../../fleet/schedule/plan.ts";

/** A letter for each set of engines that is on a GPU at some time, by the names of its engines. */
export type Letters = ReadonlyMap<string, string>;

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const NOTHING = "·";
/** A cell is an hour, a character half of one. */
const HALF_HOUR = 30 * 60 * 1000;
/** Of the names of GPUs, with what is between them and the cells. */
const MARGIN = 8;

export function letters({ spans }: Plan): Letters {
  const sets = new Set(spans.flatMap(({ gpus }) => gpus.filter(({ engines }) => engines.length > 0).map(setOf)));
  return new Map([...sets].map((set, index) => [set, LETTERS[index] ?? "*"]));
}

/** The hours of a day across, GPUs down, and in each cell the letter of what is started there. Empty without GPUs. */
export function timeline(day: PlanDay, plan: Plan, legend: Letters): string {
  const ids = plan.spans[0]?.gpus.map(({ id }) => id) ?? [];
  if (ids.length === 0) return "";
  const moments = halfHours(day);
  const hours = moments.filter((_, index) => index % 2 === 0).map((moment) => hourOf(moment, plan.time_zone));
  const width = Math.max(MARGIN, ...ids.map((id) => `GPU ${id}  `.length));
  const lines = ids.map((id) => {
    const halves = moments.map((moment) => letterAt(moment, id, plan, legend));
    const cells = hours.map((_, index) => halves.slice(2 * index, 2 * index + 2).join(""));
    return `${`GPU ${id}`.padEnd(width)}${cells.join(" ")}`;
  });
  return [" ".repeat(width) + hours.join(" "), ...lines].join("\n");
}

/** The middles of them: a boundary within one falls to the longer side. */
function halfHours({ from, to }: PlanDay): number[] {
  const [begin, end] = [Date.parse(from), Date.parse(to)];
  return Array.from({ length: Math.ceil((end - begin) / HALF_HOUR) }, (_, index) => begin + (index + 0.5) * HALF_HOUR);
}

function hourOf(moment: number, zone: string): string {
  return String(Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone).hour).padStart(2, "0");
}

function letterAt(moment: number, id: string, { spans }: Plan, legend: Letters): string {
  const span = spans.find(({ from, to }) => Date.parse(from) <= moment && moment < Date.parse(to));
  const gpu = span?.gpus.find((each) => each.id === id);
  return gpu === undefined || gpu.engines.length === 0 ? NOTHING : (legend.get(setOf(gpu)) ?? NOTHING);
}

/** The engines on a GPU, as the legend has them. */
function setOf({ engines }: PlanGpu): string {
  return engines.map(({ name }) => name).join(", ");
}
