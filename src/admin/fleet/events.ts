import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { Beating, Pulse } from "../../gateway/visit/pulse.ts";
import type { Visit } from "../../gateway/visit/visit.ts";
import type { Happening, Happenings } from "../../telemetry/happenings.ts";
import type { Caller } from "../../vocabulary/caller.ts";
import { isoTime, queryOf } from "../input.ts";

/** What happens, as it is followed from elsewhere. */
export interface EventDesk {
  readonly happenings: Pick<Happenings, "since" | "listen">;
  readonly pulse: Pulse;
  /** Is the gateway about to stop? Then there is nothing more to follow. */
  stopping(): boolean;
  /** The models that an engine serves, of those that the caller may use, by their names. */
  modelsOf(engine: string, caller: Caller): readonly string[];
}

/** What of it somebody is told; `undefined`: nothing. */
type Telling = (happening: Happening) => { readonly event: string; readonly row: object } | undefined;

/** Those who follow are given a sign of life this often. Milliseconds. */
const QUIET = 15_000;

/**
 * `/admin/events`: what happens, as server-sent events, from what is remembered on: all of it, or what came after `Last-Event-ID` or `?since=`.
 * What is remembered as a plain list with `?format=json`, or for who accepts JSON only.
 */
export function eventRoutes(desk: EventDesk): Route[] {
  return [{ method: "GET", path: "/admin/events", admits: "operator", handle: (exchange) => answer(exchange, tellAll, desk) }];
}

/** `/api/me/events`: likewise, of the models that the caller may use when an engine of theirs changes, and of nothing that tells about others. */
export function ownEventRoutes({ events }: { readonly events: EventDesk }): Route[] {
  const handle = (exchange: Exchange) => answer(exchange, (happening) => tellOwn(happening, actor(exchange), events), events);
  return [{ method: "GET", path: "/api/me/events", admits: "read-only", handle }];
}

function answer(exchange: Exchange, telling: Telling, desk: EventDesk): Reply {
  return wantsList(exchange) ? list(exchange, telling, desk) : follow(exchange, telling, desk);
}

function wantsList({ headers, search }: Exchange): boolean {
  const format = new URLSearchParams(search).get("format");
  if (format !== null) return format === "json";
  const accept = headers.get("accept") ?? "";
  return accept.includes("application/json") && !accept.includes("text/event-stream");
}

function list(exchange: Exchange, telling: Telling, { happenings }: EventDesk): Reply {
  const rows = happenings.since(queryOf(exchange).number("since")).flatMap((happening) => telling(happening)?.row ?? []);
  return jsonReply({ data: rows, next: null });
}

function follow(exchange: Exchange, telling: Telling, desk: EventDesk): Reply {
  const { headers, visit } = exchange;
  const after = headers.get("last-event-id") ?? "";
  const since = /^\d{1,15}$/.test(after) ? Number(after) : queryOf(exchange).number("since");
  visit.onCallOff(() => visit.settle({ status: 200, outcome: visit.left ? "client-left" : "ok" }));
  const body = frames(visit, { since, telling }, desk);
  return { status: 200, headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", "x-accel-buffering": "no" }, body };
}

interface Following {
  readonly since: number | undefined;
  readonly telling: Telling;
}

/** What a client reads too slowly waits where it is remembered anyway: nothing is kept for it. */
async function* frames(visit: Visit, { since, telling }: Following, { happenings, pulse, stopping }: EventDesk): AsyncGenerator<Uint8Array> {
  let wake = () => {};
  let last = since;
  let written = performance.now();
  let quiet = true; // The first comment says that all is well, before anything has happened.
  const beating: Beating = {
    beat(now) {
      quiet ||= now - written >= QUIET;
      if (quiet || stopping()) wake();
    },
  };
  visit.onCallOff(() => wake());
  const unlisten = happenings.listen(() => wake());
  pulse.join(beating);
  try {
    while (visit.calledOff === undefined && !stopping()) {
      const news = happenings.since(last);
      last = news.at(-1)?.id ?? last;
      const text = news.map((happening) => frame(happening, telling)).join("");
      if (text === "" && !quiet) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      quiet = false;
      written = performance.now();
      visit.clientsTurn = true;
      yield Buffer.from(text === "" ? ": ka\n\n" : text);
      visit.clientsTurn = false;
    }
  } finally {
    unlisten();
    pulse.leave(beating);
    visit.settle({ status: 200, outcome: "ok" });
  }
}

function frame(happening: Happening, telling: Telling): string {
  const told = telling(happening);
  return told === undefined ? "" : `id: ${happening.id}\nevent: ${told.event}\ndata: ${JSON.stringify(told.row)}\n\n`;
}

function tellAll({ id, at, type, engine, deployment, generation, from, to, why, alert }: Happening): ReturnType<Telling> {
  return {
    event: type,
    row: {
      id,
      at: isoTime(at),
      type,
      engine: engine ?? null,
      deployment: deployment ?? null,
      generation: generation ?? null,
      from: from ?? null,
      to: to ?? null,
      why,
      alert: alert === true,
    },
  };
}

/** Causes are left out: they may say what somebody else has done. */
function tellOwn({ id, at, engine, to }: Happening, caller: Caller, { modelsOf }: EventDesk): ReturnType<Telling> {
  const models = engine === undefined || to === undefined ? [] : modelsOf(engine, caller);
  return models.length === 0 ? undefined : { event: "model", row: { id, at: isoTime(at), type: "model", models, state: to } };
}
