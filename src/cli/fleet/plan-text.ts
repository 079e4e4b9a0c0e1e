import type { Plan, PlanDay, PlanGpu, PlanSpan } from "../../fleet/schedule/plan.ts";
import { gibText } from "../../fleet/schedule/residents.ts";
import { table } from "../output.ts";
import { letters, timeline } from "./plan-timeline.ts";

/** A plan for people: each day hour by hour, its rows and why, what each window runs, and what is wrong. */
export function planText(plan: Plan): string {
  const legend = letters(plan);
  const blocks = [
    ...plan.days.flatMap((day, index) => [
      dayLine(day, plan),
      timeline(day, plan, legend),
      index > 0 ? "" : [...legend].map(([engines, letter]) => `${letter}  ${engines}`).join("\n"),
      rowTable(day, plan),
    ]),
    ...firstOfEachWindow(plan).map(windowBlock),
    overrideTable(plan),
    plan.warnings.join("\n"),
  ];
  return blocks.filter((block) => block !== "").join("\n\n");
}

/** `Sunday, 2026-10-25, Europe/Berlin, UTC+02:00. The clocks go from 03:00 to 02:00, UTC+01:00.` */
function dayLine({ date, utc_offset: first, clock_changes: changes }: PlanDay, { time_zone: zone }: Plan): string {
  const weekday = new Intl.DateTimeFormat("en", { weekday: "long", timeZone: "UTC" }).format(Date.parse(date));
  const told = changes.map(({ at, utc_offset: offset }, index) => {
    const before = changes[index - 1]?.utc_offset ?? first;
    return ` The clocks go from ${timeOf(at, before)} to ${timeOf(at, offset)}, UTC${offset}.`;
  });
  return `${weekday}, ${date}, ${zone}, UTC${first}.${told.join("")}`;
}

/** What holds on this day, one row from each boundary to the next. */
function rowTable(day: PlanDay, { spans, time_zone: zone }: Plan): string {
  const [begin, end] = [Date.parse(day.from), Date.parse(day.to)];
  const timeText = (moment: number) => {
    const local = Temporal.Instant.fromEpochMilliseconds(moment).toZonedDateTimeISO(zone);
    const offset = day.clock_changes.length === 0 ? "" : ` ${local.offset}`;
    return `${moment === end ? "24:00" : local.toPlainTime().toString({ smallestUnit: "minute" })}${offset}`;
  };
  const rows = spans.flatMap(({ from, to, window, because }) => {
    const [first, last] = [Math.max(Date.parse(from), begin), Math.min(Date.parse(to), end)];
    return first < last ? [[timeText(first), timeText(last), window ?? "-", because]] : [];
  });
  return table(["FROM", "TO", "WINDOW", "WHY"], rows);
}

function firstOfEachWindow({ spans }: Plan): PlanSpan[] {
  return [...Map.groupBy(spans, ({ window }) => window).values()].flatMap(([first]) => first ?? []);
}

/** What a window runs, and what is left of each GPU. */
function windowBlock({ window, started, on_demand: beside, in_place_of_others: instead, resting, gpus }: PlanSpan): string {
  const lists = Object.entries({ started, "on demand": beside, "in place of others": instead, "at rest": resting });
  const rows = [
    ...lists.flatMap(([what, engines]) => (engines.length === 0 ? [] : [[what, engines.join(", ")]])),
    ...gpus.map((gpu) => [`GPU ${gpu.id}`, memoryText(gpu)]),
  ];
  return table(window === null ? ["NO WINDOW", ""] : ["WINDOW", window], rows.length === 0 ? [["nothing runs", ""]] : rows);
}

/** `llama_1 18 GiB + bge_m3_1 2 GiB = 20 GiB of 24 GiB, 4 GiB free`. */
function memoryText({ engines, used_bytes: used, total_bytes: total, free_bytes: free }: PlanGpu): string {
  const parts = engines.map(({ name, vram_bytes: vram }) => `${name} ${gibText(vram)}`).join(" + ");
  const sum = engines.length > 1 ? `${parts} = ${gibText(used)}` : parts;
  if (total === null || free === null) return sum === "" ? "nothing" : sum;
  const left = free < 0 ? `${gibText(-free)} too much` : `${gibText(free)} free`;
  return sum === "" ? left : `${sum} of ${gibText(total)}, ${left}`;
}

function overrideTable({ overrides, time_zone: zone }: Plan): string {
  if (overrides.length === 0) return "";
  const rows = overrides.map(({ window, from, until, by, reason }) => [window, momentOf(from, zone), momentOf(until, zone), by, reason ?? ""]);
  return table(["OVERRIDE", "FROM", "UNTIL", "BY", "REASON"], rows);
}

/** `02:00`, by the clocks of a time zone or of an offset. */
function timeOf(moment: string, zone: string): string {
  return Temporal.Instant.from(moment).toZonedDateTimeISO(zone).toPlainTime().toString({ smallestUnit: "minute" });
}

function momentOf(moment: string, zone: string): string {
  return `${Temporal.Instant.from(moment).toZonedDateTimeISO(zone).toPlainDate()} ${timeOf(moment, zone)}`;
}
