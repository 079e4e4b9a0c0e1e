import type { Nano } from "../../vocabulary/money.ts";
import { type CacheOutcome, isFromCache } from "../../vocabulary/record.ts";
import { type Cell, REQUEST_COLUMNS, UNIT_COLUMNS } from "../requests/request-row.ts";

/** What rows of `usage_hours` are told apart by: the beginning of an hour, in milliseconds since 1970, and texts, empty for what a request has none of. */
export const USAGE_KEYS = ["hour", "model", "deployment", "key_id", "user_id", "team_id", "source", "operation", "outcome"] as const;

/** What is added up; units under their own names, of requests that no cache answered. `unpriced` counts requests of which nobody knows what they cost, or what to charge: they add nothing to `cost` or `charge`. */
export const USAGE_SUMS = ["requests", "from_cache", "unpriced", ...UNIT_COLUMNS, "cost", "charge"] as const;

export const USAGE_COLUMNS = [...USAGE_KEYS, ...USAGE_SUMS] as const;

export type UsageKey = (typeof USAGE_KEYS)[number];
export type UsageSum = (typeof USAGE_SUMS)[number];

/** Integers are read as bigints. */
export type UsageTableRow = Readonly<Record<UsageSum | "hour", bigint>> & Readonly<Record<Exclude<UsageKey, "hour">, string>>;

/** A row of `usage_hours`, in the order of its columns, or what is to be added to it. */
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

const at = (column: (typeof REQUEST_COLUMNS)[number]) => REQUEST_COLUMNS.indexOf(column);
const [STARTED_AT, CACHE, EVIDENCE, COST, CHARGE] = [at("started_at"), at("cache"), at("evidence"), at("cost"), at("charge")];
const KEYS = [at("model"), at("deployment"), at("key_id"), at("user_id"), at("team_id"), at("source"), at("operation"), at("outcome")] as const;
const COUNTED = UNIT_COLUMNS.map(at);

/** Rows of `requests` added up by the hour: what they add to `usage_hours`, one for each of its rows. 2 µs a row. */
export function hoursOf(rows: Iterable<readonly Cell[]>): UsageCells[] {
  const hours = new Map<string, Sums>();
  for (const row of rows) {
    const startedAt = Number(row[STARTED_AT]);
    const keys = [startedAt - (startedAt % HOUR), ...KEYS.map((index) => String(row[index] ?? ""))];
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
