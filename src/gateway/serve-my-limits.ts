import type { Reading } from "../limits/rates/reading.ts";
import { mostOf, remainingOf } from "../limits/rates/reading.ts";
import type { RateScope } from "../limits/rates/rule.ts";
import { explained, WHAT } from "../limits/rates/words.ts";
import { callerOf } from "./admit.ts";
import type { Signalbox } from "./signalbox.ts";
import { type Exchange, jsonReply, type Reply } from "./visit/exchange.ts";
import { askingOf } from "./within-limits.ts";

/** One limit as it stands, as management and its caller see it. */
export interface ShownLimit {
  readonly scope: RateScope;
  /** Whose: a key's or a user's id. */
  readonly id: string;
  readonly what: string;
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** ISO 8601. */
  readonly resets_at: string | null;
  /** Is it the one of which the smallest part is left? */
  readonly binds_first: boolean;
  readonly text: string;
}

/** What is everybody's together is not the caller's to see. */
const OWN: ReadonlySet<RateScope> = new Set(["ip", "key", "user", "team"]);

/** `GET /api/me/limits`: which limits bind the caller, and how they stand. To look takes nothing of them. */
export async function serveMyLimits(exchange: Exchange, box: Signalbox): Promise<Reply> {
  const { visit } = exchange;
  const readings = (await box.limits?.look(askingOf(await callerOf(exchange, box), visit))) ?? [];
  return jsonReply({ limits: shownLimits(readings, visit.now()).filter(({ scope }) => OWN.has(scope)) }, 200, { "x-request-id": visit.id });
}

/** Limits as they stand; `now` is milliseconds since 1970. */
export function shownLimits(readings: readonly Reading[], now: number): ShownLimit[] {
  const part = (reading: Reading) => remainingOf(reading) / mostOf(reading.rule);
  const least = Math.min(...readings.map(part));
  const first = readings.find((reading) => part(reading) === least);
  return readings.map((reading) => ({
    scope: reading.of.scope,
    id: reading.of.id,
    what: WHAT[reading.rule.kind],
    limit: reading.rule.limit,
    used: reading.used,
    remaining: remainingOf(reading),
    resets_at: reading.used === 0 ? null : new Date(now + reading.resets).toISOString(),
    binds_first: reading === first,
    text: explained(reading),
  }));
}
