import { z } from "zod";
import { actor } from "../../gateway/guard.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../../gateway/visit/exchange.ts";
import { type ModelTally, type ReratingDesk, type ReratingReport, type ReratingWish, rerateRequests } from "../../ledger/rerating/rerate.ts";
import { LEFT } from "../../ledger/rerating/verdict.ts";
import { type Clock, systemClock } from "../../vocabulary/clock.ts";
import { invalidRequest } from "../../vocabulary/failure.ts";
import { isoTime, readInput } from "../input.ts";
import { shownAmount } from "./amounts.ts";

/** What prices are put right with. */
export interface ReratingParts extends Omit<ReratingDesk, "prices"> {
  /** Those in force. */
  prices(): ReratingDesk["prices"];
}

const moment = z
  .string()
  .refine((value) => !Number.isNaN(Date.parse(value)), { error: "expected a time in ISO 8601, such as 2026-11-01 or 2026-11-20T12:00:00Z" })
  .transform((value) => Date.parse(value));
const WISH = z.strictObject({
  since: moment,
  until: moment.optional(),
  model: z.string().min(1).optional(),
  deployment: z.string().min(1).optional(),
  dry_run: z.boolean().default(false),
  reason: z.string().trim().min(1).max(1_000).default("The price was corrected"),
});

/** `POST /admin/prices/rerate`: what was served already is charged by the prices that are known now. */
export function reratingRoutes(parts: ReratingParts, clock: Pick<Clock, "now"> = systemClock): Route[] {
  return [{ method: "POST", path: "/admin/prices/rerate", admits: "admin", action: "prices.rerate", handle: (exchange) => rerate(exchange, parts, clock) }];
}

async function rerate(exchange: Exchange, { requests, books, prices }: ReratingParts, clock: Pick<Clock, "now">): Promise<Reply> {
  const { dry_run: dryRun, until: end, ...said } = readInput(WISH, await exchange.body());
  const at = clock.now();
  const until = end ?? at;
  if (said.since >= until) throw invalidRequest("since", "since must be a time before until, which is now where it is left out.");
  const wish: ReratingWish = { ...said, until, dryRun, actor: actor(exchange).keyId, at };
  const told = shownReport(wish, await rerateRequests(wish, { requests, books, prices: prices() }));
  const { data: _, ...sums } = told;
  return { ...jsonReply(told), change: { kind: "prices", id: said.model ?? said.deployment ?? "all", after: { ...sums, reason: wish.reason } } };
}

function shownReport({ since, until, dryRun }: ReratingWish, { models, left }: ReratingReport) {
  const total: ModelTally = { requests: 0, changed: 0, cost: 0n, charge: 0n };
  for (const { requests, changed, cost, charge } of models.values()) {
    total.requests += requests;
    total.changed += changed;
    total.cost += cost;
    total.charge += charge;
  }
  const rows = [...models].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    dry_run: dryRun,
    since: isoTime(since),
    until: isoTime(until),
    ...shownTally(total),
    left: Object.fromEntries(LEFT.flatMap((why) => (left.has(why) ? [[why, left.get(why) ?? 0]] : []))),
    data: rows.map(([model, tally]) => ({ model, ...shownTally(tally) })),
  };
}

function shownTally({ requests, changed, cost, charge }: ModelTally) {
  return { requests, changed, ...shownAmount("cost", cost), ...shownAmount("charge", charge) };
}
