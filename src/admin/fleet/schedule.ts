import { z } from "zod";
import type { Standing } from "../../fleet/schedule/calendar.ts";
import type { Override } from "../../fleet/schedule/overrides.ts";
import { dayAt, type Plan, planRows } from "../../fleet/schedule/plan.ts";
import type { Calendar } from "../../fleet/schedule/schedule.ts";
import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { Clock } from "../../vocabulary/clock.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { changeOf } from "../change.ts";
import { duration, isoTime, queryOf, readInput, time } from "../input.ts";
import { type FleetDesk, grantable, type MaybeFleet, present } from "./fleet-desk.ts";

type Now = Pick<Clock, "now">;

/** `/admin/schedule`: the window in force and why, and what runs when, `?days=` from `?date=` on; `/admin/schedule/override`: another for a while. */
export function scheduleRoutes(fleet: MaybeFleet, clock: Now): Route[] {
  const path = "/admin/schedule/override";
  return [
    { method: "GET", path: "/admin/schedule", admits: "operator", handle: (exchange) => show(exchange, fleet, clock) },
    { method: "POST", path, admits: "operator", action: "schedule.override", handle: (exchange) => override(exchange, present(fleet), clock) },
    { method: "DELETE", path, admits: "operator", action: "schedule.withdraw", handle: () => withdraw(present(fleet)) },
  ];
}

function show(exchange: Exchange, fleet: MaybeFleet, clock: Now): Reply {
  const query = queryOf(exchange);
  const days = query.number("days") ?? 1;
  return jsonReply({ ...shownStanding(fleet?.calendar.standing() ?? NOTHING), plan: planOf(fleet, { date: query.text("date"), days }, clock) });
}

const NOTHING: Standing = { window: undefined, engines: [], preload: [], since: undefined, until: undefined, why: "schedule", override: undefined };
const NO_CALENDAR: Calendar = { schedule: { windows: [] }, overrides: [] };
const MOST_DAYS = 31;

/** Throws `invalid-request` for what is no day. */
function planOf(fleet: MaybeFleet, { date, days }: { readonly date: string | undefined; readonly days: number }, clock: Now): Plan {
  if (days < 1 || days > MOST_DAYS) throw invalidRequest("days", `days must be from 1 to ${MOST_DAYS}.`);
  const calendar = fleet?.calendar.current() ?? NO_CALENDAR;
  const specs = fleet?.engines().map(({ spec }) => spec) ?? [];
  const gpus = fleet?.gpus().map((gpu) => ({ id: gpu.reading.id, total: grantable(gpu) })) ?? [];
  try {
    return planRows({ calendar, machine: { specs, gpus }, firstDay: date ?? dayAt(calendar, clock.now()), days });
  } catch (error) {
    if (error instanceof RangeError) throw invalidRequest("date", "date must be a day, such as 2026-11-23.");
    throw error;
  }
}

function shownStanding({ window, why, since, until, engines, preload, override: held }: Standing) {
  return {
    window: window ?? null,
    why,
    since: isoTime(since),
    until: isoTime(until),
    engines,
    preload,
    override: held === undefined ? null : shownOverride(held),
  };
}

function shownOverride({ window, by, cause, reason, at, until }: Override) {
  return { window, by, cause, reason: reason ?? null, from: isoTime(at), until: isoTime(until) };
}

const wanted = z.strictObject({ window: z.string(), until: z.string(), reason: z.string().max(500).optional() });

/** `{window, until, reason?}`. */
async function override(exchange: Exchange, { calendar }: FleetDesk, clock: Now): Promise<Reply> {
  const { window, until, reason } = readInput(wanted, await exchange.body());
  const before = calendar.standing().override;
  const problem = calendar.override({ window, until: momentOf(until, clock.now()), by: actor(exchange).keyName, reason });
  if (problem !== undefined) throw invalidRequest(problem.field, problem.message);
  return changed(calendar, before);
}

/** The schedule holds again. */
function withdraw({ calendar }: FleetDesk): Reply {
  const before = calendar.standing().override;
  calendar.withdraw();
  return changed(calendar, before);
}

function changed(calendar: FleetDesk["calendar"], before: Override | undefined): Reply {
  const standing = calendar.standing();
  const after = standing.override;
  const view = (held: Override | undefined) => held && shownOverride(held);
  const change = changeOf("schedule", (after ?? before)?.window ?? "*", { before: view(before), after: view(after) });
  return { ...jsonReply(shownStanding(standing)), change };
}

/** A time, or a duration from now. Milliseconds since 1970. Throws `invalid-request`. */
function momentOf(text: string, now: number): number {
  const moment = time.safeParse(text);
  if (moment.success) return moment.data;
  const length = duration.safeParse(text);
  if (length.success) return now + length.data;
  throw invalidRequest("until", "until must be a time in ISO 8601, such as 2026-11-23T06:00:00Z, or a duration from now, such as 2h.");
}
