import { type RawBuilder, sql } from "kysely";
import { invalidRequest } from "../vocabulary/failure.ts";

/** Which rows of a list are wanted, newest first. */
export interface Listing {
  /** The `next` of the page before. */
  readonly before?: string;
  /** Rows wanted, 1 to 1000. */
  readonly limit: number;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Where the next page starts; absent on the last. */
  readonly next?: string;
}

/** Where a page starts: after the row of this time and id. */
export interface Position {
  readonly createdAt: number;
  readonly id: string;
}

const MOST = 1000;

export function rowsWanted(limit: number): number {
  return Math.min(Math.max(Math.trunc(limit) || 1, 1), MOST);
}

/** A page of the rows found, of which there is one more than wanted where others follow. */
export function pageOf<Row extends Position>(found: readonly Row[], wanted: number): Page<Row> {
  const rows = found.slice(0, wanted);
  const last = rows.at(-1);
  return { rows, next: found.length > wanted && last !== undefined ? `${last.createdAt}-${last.id}` : undefined };
}

/** Reads a cursor. Throws `invalid-request` for one that is none of ours: before it travels, as a worker's errors carry no kind. */
export function positionOf(cursor: string): Position {
  const [, createdAt, id] = /^(\d{1,16})-(.{1,200})$/.exec(cursor) ?? [];
  if (createdAt === undefined || id === undefined)
    throw invalidRequest("cursor", "The cursor is not one of ours. Take it from `next` of the page before, or leave it out.");
  return { createdAt: Number(createdAt), id };
}

/** The rows that come after this position, of a table with `created_at` and `id`, newest first. Pages by key, so the thousandth costs what the first does. */
export function beyond(cursor: string): RawBuilder<boolean> {
  const { createdAt, id } = positionOf(cursor);
  return sql`(created_at < ${createdAt} or (created_at = ${createdAt} and id > ${id}))`;
}
