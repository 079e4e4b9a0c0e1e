import { timingSafeEqual } from "node:crypto";
import type { Fleet } from "../fleet/fleet.ts";
import { failureLine, STAYS } from "../fleet/role/holder-door.ts";
import { Mailbox } from "../gateway/delivery/mailbox.ts";
import type { Exchange, Reply, Route } from "../gateway/visit/exchange.ts";
import type { Beating, Pulse } from "../gateway/visit/pulse.ts";
import { asFailure, Failure } from "../vocabulary/failure.ts";

/** What other gateways over the same database ask of the one that looks after the engines. */
export interface StayDesk {
  readonly fleet: Pick<Fleet, "enter" | "outlook">;
  /** By which they are known; absent: another looks after the engines. */
  secret(): string | undefined;
  readonly pulse: Pulse;
}

/** So often whoever waits is told how it stands, and who stays that all is well. Milliseconds. */
const QUIET = 2000;

/** `POST /fleet/stays/{engine}`: a stay at an engine for a request of another gateway's, for as long as the connection is open. */
export function stayRoutes(desk: StayDesk): Route[] {
  return [{ method: "POST", path: `${STAYS}/*`, admits: "anyone", handle: (exchange) => stay(exchange, desk) }];
}

/** Whoever does not know the secret is told what anybody is of a page that is not there. */
function stay(exchange: Exchange, desk: StayDesk): Reply {
  const secret = desk.secret();
  if (secret === undefined || !isSame(exchange.headers.get("authorization") ?? "", `Bearer ${secret}`))
    throw new Failure("not-found", `There is no POST ${STAYS}/${exchange.rest} here.`);
  exchange.visit.onCallOff(() => exchange.visit.settle({ status: 200, outcome: "client-left" }));
  return { status: 200, headers: { "content-type": "application/x-ndjson", "cache-control": "no-cache" }, body: lines(exchange, desk) };
}

async function* lines({ visit, rest, search }: Exchange, { fleet, pulse }: StayDesk): AsyncGenerator<Uint8Array> {
  const engine = decodeURIComponent(rest);
  const guest = { priority: Number(new URLSearchParams(search).get("priority")) || 0, lastSign: () => performance.now() };
  const mailbox = new Mailbox<string | undefined>();
  let written = performance.now();
  let there = false;
  const beating: Beating = {
    beat(now) {
      if (now - written < QUIET) return;
      written = now;
      mailbox.put(JSON.stringify(there ? {} : { waiting: fleet.outlook(engine, guest) }));
    },
  };
  pulse.join(beating);
  visit.onCallOff(() => mailbox.put(undefined));
  const entered = Promise.resolve(fleet.enter(engine, guest, (end) => visit.onCallOff(end)));
  entered.then(
    ({ baseUrl }) => {
      there = true;
      mailbox.put(JSON.stringify({ base_url: baseUrl }));
    },
    (error) => {
      mailbox.put(failureLine(asFailure(error)));
      mailbox.put(undefined);
    },
  );
  try {
    for (let line = await mailbox.take(); line !== undefined; line = await mailbox.take()) yield Buffer.from(`${line}\n`);
  } finally {
    pulse.leave(beating);
    entered.then(
      (given) => given.leave(),
      () => undefined,
    );
    visit.settle({ status: 200, outcome: "ok" });
  }
}

function isSame(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
