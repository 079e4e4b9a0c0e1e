import type { Order } from "../../fleet/core/event.ts";
import type { EngineReport } from "../../fleet/report.ts";
import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import { Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { changeOf } from "../change.ts";
import { idIn, isoTime, queryOf } from "../input.ts";
import { shownEngine } from "./engine-view.ts";
import { engineNamed, type FleetDesk, type MaybeFleet, present } from "./fleet-desk.ts";

const ORDERS: readonly string[] = ["start", "stop", "pin", "unpin"] satisfies Order[];

/** `/admin/engines`: every engine and how it is, its last words, and orders to it. */
export function engineRoutes(fleet: MaybeFleet): Route[] {
  const list = () => jsonReply({ data: fleet?.engines().map((engine) => shownEngine(engine, fleet)) ?? [], next: null });
  return [
    { method: "GET", path: "/admin/engines", admits: "operator", handle: list },
    { method: "GET", path: "/admin/engines/*", admits: "operator", handle: (exchange) => show(exchange, present(fleet)) },
    { method: "POST", path: "/admin/engines/*", admits: "operator", action: "engine.order", handle: (exchange) => order(exchange, present(fleet)) },
  ];
}

/** `GET /admin/engines/{name}` and `/admin/engines/{name}/logs`. */
function show(exchange: Exchange, fleet: FleetDesk): Promise<Reply> | Reply {
  const [name, what] = pathOf(exchange);
  const engine = engineNamed(name, fleet);
  if (what === undefined) return jsonReply(shownEngine(engine, fleet));
  if (what === "logs") return logs(exchange, name, fleet);
  throw new Failure("not-found", `There is no GET /admin/engines/${exchange.rest} here. An engine has no pages but logs.`);
}

const USUAL_LINES = 200;
const MOST_LINES = 10_000;

async function logs(exchange: Exchange, name: string, fleet: FleetDesk): Promise<Reply> {
  const lines = queryOf(exchange).number("lines") ?? USUAL_LINES;
  if (lines < 1 || lines > MOST_LINES) throw invalidRequest("lines", `lines must be from 1 to ${MOST_LINES}.`);
  const text = await fleet.logs(name, lines);
  return jsonReply({ engine: name, lines: text === "" ? [] : plain(fleet.clean(text)).replace(/\n$/, "").split("\n") });
}

/** Colours, and whatever else a terminal would obey. */
const CONTROLS = /(?![\n\t])\p{Cc}(?:\[[0-9;?]*[ -/]*[@-~])?/gu;

function plain(text: string): string {
  return text.replace(CONTROLS, "");
}

/** `POST /admin/engines/{name}/start`, `/stop`, `/pin`, `/unpin`. */
function order(exchange: Exchange, fleet: FleetDesk): Reply {
  const [name, wanted] = pathOf(exchange);
  const before = engineNamed(name, fleet);
  if (!isOrder(wanted)) throw new Failure("not-found", `There is no POST /admin/engines/${exchange.rest} here. Orders are ${ORDERS.join(", ")}.`);
  if (wanted === "start" && !before.mayRun && !before.pinned) throw notNow(before, fleet);
  fleet.order(name, wanted, actor(exchange).keyName);
  const after = engineNamed(name, fleet);
  const view = ({ state, pinned }: EngineReport) => ({ state, pinned });
  const change = changeOf("engine", name, { before: view(before), after: { order: wanted, ...view(after) } });
  return { ...jsonReply(shownEngine(after, fleet)), change };
}

function notNow({ spec: { name } }: EngineReport, { calendar }: FleetDesk): Failure {
  const { window } = calendar.standing();
  const opens = calendar.opensFor(name);
  const until = opens === undefined ? "and no window to come has it" : `and may from ${isoTime(opens)} on`;
  return invalidRequest(
    "",
    `${name} may not run now: ${window === undefined ? "no window is open" : `the window ${window} is open`}, ${until}. ` +
      `Pin it, and it runs at any hour (POST /admin/engines/${name}/pin), or put another window above the schedule (POST /admin/schedule/override).`,
  );
}

function isOrder(word: string | undefined): word is Order {
  return word !== undefined && ORDERS.includes(word);
}

/** Names of engines have no slashes. */
function pathOf({ rest }: Exchange): [name: string, what?: string] {
  const at = rest.indexOf("/");
  return at < 0 ? [idIn(rest)] : [idIn(rest.slice(0, at)), rest.slice(at + 1)];
}
