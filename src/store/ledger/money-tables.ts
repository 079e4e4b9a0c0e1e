import { type Generated, type RawBuilder, sql } from "kysely";
import type { Nano } from "../../vocabulary/money.ts";

/** An integer column of money: written as a bigint, read by way of `asText`, since drivers round what is past 2^53. */
type Money = bigint;

export interface MoneyTables {
  readonly accounts: { readonly id: string; readonly balance: Money; readonly lent: Money };
  readonly loans: { readonly account: string; readonly holder: string; readonly amount: Money };
  readonly holders: { readonly id: string; readonly applied: number; readonly seen_at: number; readonly lost: number };
  /** Requests whose price was put right: what they are charged, and how often it was. */
  readonly rerated: { readonly request_id: string; readonly charge: Money; readonly times: number };
  readonly entries: Omit<EntryTableRow, "n"> & { readonly n: Generated<number> };
}

/** A row of `entries`. */
export interface EntryTableRow {
  readonly id: string;
  readonly kind: string;
  readonly account: string;
  readonly amount: Money;
  readonly held: Money;
  readonly at: number;
  readonly description: string;
  readonly request_id: string | null;
  readonly key_id: string | null;
  readonly user_id: string | null;
  readonly team_id: string | null;
  readonly model: string | null;
  readonly deployment: string | null;
  readonly price_version: string | null;
  readonly evidence: string | null;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly reason: string | null;
  readonly actor: string | null;
  readonly n: number;
}

/** A column or a sum of money as text, every digit of it, on either database. */
export function asText(expression: string): RawBuilder<string> {
  return sql<string>`CAST(${sql.raw(expression)} AS TEXT)`;
}

/** Money as `asText` gives it; `null`, a sum over nothing, is none. */
export function moneyIn(text: string | null | undefined): Nano {
  return text === null || text === undefined ? 0n : BigInt(text);
}
