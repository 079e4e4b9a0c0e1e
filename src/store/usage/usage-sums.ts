import type { Nano } from "../../vocabulary/money.ts";
import { type CacheOutcome, isFromCache } from "../../vocabulary/record.ts";
import { type Cell, REQUEST_COLUMNS, UNIT_COLUMNS } from "../requests/request-row.ts";

/** What sums are told apart by beside their time: texts, empty for what a request has none of. */
export const USAGE_TEXTS = ["model", "deployment", "key_id", "user_id", "team_id", "source", "operation", "outcome"] as const;

/** What is added up; units under their own names, of requests that no cache answered. `unpriced` counts requests of which nobody knows what they cost, or what to charge: they add nothing to `cost` or `charge`. */
export const USAGE_SUMS = ["requests", "from_cache", "unpriced", ...UNIT_COLUMNS, "cost", "charge"] as const;

/** The columns of both tables of sums: `usage_hours` and `usage_days` differ in the time their rows begin, in milliseconds since 1970. */
const COLUMNS = [...USAGE_TEXTS, ...USAGE_SUMS] as const;
export const HOUR_COLUMNS = ["hour", ...COLUMNS] as const;
export const DAY_COLUMNS = ["day", ...COLUMNS] as const;

export type UsageText = (typeof USAGE_TEXTS)[number];
export type UsageSum = (typeof USAGE_SUMS)[number];

/** Integers are read as bigints. */
type UsageRowBut<Time extends string> = Readonly<Record<UsageSum | Time, bigint>> & Readonly<Record<UsageText, string>>;
export type UsageHourRow = UsageRowBut<"hour">;
export type UsageDayRow = UsageRowBut<"day">;

/** A row of either table, in the order of its columns, or what is to be added to it. */
export type UsageCells = readonly (string | number | bigint)[];

interface Sums {
  readonly keys: readonly (string | number)[];
  requests: number;
  fromCache: number;
  unpriced: number;
  readonly units: number[];
  cost: Nano;
  charge: Nano;
}

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

const at = (column: (typeof REQUEST_COLUMNS)[number]) => REQUEST_COLUMNS.indexOf(column);
const [STARTED_AT, CACHE, EVIDENCE, COST, CHARGE] = [at("started_at"), at("cache"), at("evidence"), at("cost"), at("charge")];
const TEXTS = USAGE_TEXTS.map(at);
const COUNTED = UNIT_COLUMNS.map(at);

/** Rows of `requests` added up by the hour: what they add to `usage_hours`, one for each of its rows. 2 µs a row. */
export function hoursOf(rows: Iterable<readonly Cell[]>): UsageCells[] {
  const hours = new Map<string, Sums>();
  for (const row of rows) {
    const startedAt = Number(row[STARTED_AT]);
    const keys = [startedAt - (startedAt % HOUR), ...TEXTS.map((index) => String(row[index] ?? ""))];
    const name = JSON.stringify(keys);
    let sums = hours.get(name);
    if (sums === undefined) hours.set(name, (sums = { keys, requests: 0, fromCache: 0, unpriced: 0, units: COUNTED.map(() => 0), cost: 0n, charge: 0n }));
    addRow(sums, row);
  }
  return [...hours.values()].map(({ keys, requests, fromCache, unpriced, units, cost, charge }) => [
    ...keys,
    requests,
    fromCache,
    unpriced,
    ...units,
    cost,
    charge,
  ]);
}

/** The last of these hours; 0 without any. */
export const newestHour = (hours: readonly UsageCells[]): number => hours.reduce((latest, [hour]) => Math.max(latest, Number(hour)), 0);

/** The beginning of the day an hour is in. */
export const dayOf = (hour: number): number => hour - (hour % DAY);

function addRow(sums: Sums, row: readonly Cell[]): void {
  const [cost, charge] = [row[COST] ?? null, row[CHARGE] ?? null];
  sums.requests++;
  if (cost !== null) sums.cost += BigInt(cost);
  if (charge !== null) sums.charge += BigInt(charge);
  if (isFromCache((row[CACHE] ?? undefined) as CacheOutcome | undefined)) {
    sums.fromCache++;
    return;
  }
  if (row[EVIDENCE] === null) return;
  if (cost === null || charge === null) sums.unpriced++;
  for (let place = 0; place < COUNTED.length; place++) {
    const count = row[COUNTED[place] as number];
    if (count) sums.units[place] = (sums.units[place] as number) + Number(count);
  }
}
