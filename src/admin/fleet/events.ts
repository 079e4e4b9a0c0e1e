import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import type { Beating, Pulse } from "../../gateway/visit/pulse.ts";
import type { Happening, Happenings } from "../../telemetry/happenings.ts";
import { isoTime, queryOf } from "../input.ts";

/** What happens, as it is followed from elsewhere. */
export interface EventDesk {
  readonly happenings: Pick<Happenings, "since" | "listen">;
  readonly pulse: Pulse;
  /** Is the gateway about to stop? Then there is nothing more to follow. */
  stopping(): boolean;
}

/** Those who follow are given a sign of life this often. Milliseconds. */
const QUIET = 15_000;

/**
 * `/admin/events`: what happens, as server-sent events, from what is remembered on: all of it, or what came after `Last-Event-ID` or `?since=`.
 * What is remembered as a plain list with `?format=json`, or for who accepts JSON only.
 */
export function eventRoutes(desk: EventDesk): Route[] {
  return [
    { method: "GET", path: "/admin/events", admits: "operator", handle: (exchange) => (wantsList(exchange) ? list(exchange, desk) : follow(exchange, desk)) },
  ];
}

function wantsList({ headers, search }: Exchange): boolean {
  const format = new URLSearchParams(search).get("format");
  if (format !== null) return format === "json";
  const accept = headers.get("accept") ?? "";
  return accept.includes("application/json") && !accept.includes("text/event-stream");
}

function list(exchange: Exchange, { happenings }: EventDesk): Reply {
  return jsonReply({ data: happenings.since(queryOf(exchange).number("since")).map(shown), next: null });
}

function follow(exchange: Exchange, desk: EventDesk): Reply {
  const { headers, visit } = exchange;
  const after = headers.get("last-event-id") ?? "";
  const since = /^\d{1,15}$/.test(after) ? Number(after) : queryOf(exchange).number("since");
  visit.onCallOff(() => visit.settle({ status: 200, outcome: visit.left ? "client-left" : "ok" }));
  const body = frames(exchange, since, desk);
  return { status: 200, headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache", "x-accel-buffering": "no" }, body };
}

/** What a client reads too slowly waits where it is remembered anyway: nothing is kept for it. */
async function* frames({ visit }: Exchange, since: number | undefined, { happenings, pulse, stopping }: EventDesk): AsyncGenerator<Uint8Array> {
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
      if (news.length === 0 && !quiet) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        continue;
      }
      quiet = false;
      written = performance.now();
      visit.clientsTurn = true;
      yield Buffer.from(news.length === 0 ? ": ka\n\n" : news.map(frame).join(""));
      visit.clientsTurn = false;
    }
  } finally {
    unlisten();
    pulse.leave(beating);
    visit.settle({ status: 200, outcome: "ok" });
  }
}

function frame(happening: Happening): string {
  return `id: ${happening.id}\nevent: ${happening.type}\ndata: ${JSON.stringify(shown(happening))}\n\n`;
}

function shown({ id, at, type, engine, deployment, generation, from, to, why, alert }: Happening) {
  return {
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
  };
}
