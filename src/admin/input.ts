import { z } from "zod";
import { durationOf } from "../config/schema/fields.ts";
import type { Exchange } from "../gateway/visit/exchange.ts";
import type { Listing } from "../store/pages.ts";
import { invalidRequest } from "../vocabulary/failure.ts";
import { parseJson } from "../vocabulary/json.ts";

/** A management request's body by its schema. Throws `invalid-request` with the path of the first field at fault. */
export function readInput<Schema extends z.ZodType>(schema: Schema, text: string): z.output<Schema> {
  const json = parseJson(text);
  if (json === undefined) throw invalidRequest("", "The request body is not valid JSON.");
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const path = issue?.path.join(".") ?? "";
  const wrong = (issue?.message ?? "not understood").replace(/\.$/, "");
  throw invalidRequest(path, `${path === "" ? "The request body" : path}: ${wrong}.`);
}

/** A time in ISO 8601, in milliseconds since 1970 once read. */
export const time = z.iso.datetime({ offset: true }).transform((value) => Date.parse(value));

/** A duration with its unit, in milliseconds once read. */
export const duration = z
  .string()
  .refine((value) => durationOf(value) !== undefined, { error: "expected a duration with its unit, such as 24h or 30m" })
  .transform((value) => durationOf(value) ?? 0);

/** The facts that are given, for something new: a `null` says no more than that there is none. */
export function given<Facts extends object>(facts: Facts): { [Name in keyof Facts]?: NonNullable<Facts[Name]> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null && value !== undefined)) as {
    [Name in keyof Facts]?: NonNullable<Facts[Name]>;
  };
}

/** Milliseconds since 1970 as ISO 8601 in UTC; `null` for none. */
export function isoTime(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : new Date(milliseconds).toISOString();
}

/** An id in a path, which may be encoded. */
export function idIn(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** The question of a list. */
export interface Query {
  text(name: string): string | undefined;
  /** Throws `invalid-request` for what is no whole number. */
  number(name: string): number | undefined;
  /** Milliseconds since 1970. Throws `invalid-request` for what is no time. */
  time(name: string): number | undefined;
  /** Which page of it: `cursor` and `limit`. */
  readonly page: Listing;
}

const USUAL_PAGE = 50;

export function queryOf({ search }: Pick<Exchange, "search">): Query {
  const query = new URLSearchParams(search);
  const text = (name: string) => query.get(name) ?? undefined;
  const number = (name: string) => {
    const value = text(name);
    if (value !== undefined && !/^\d{1,15}$/.test(value)) throw invalidRequest(name, `${name} must be a whole number.`);
    return value === undefined ? undefined : Number(value);
  };
  return {
    text,
    number,
    time(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      const found = Date.parse(value);
      if (Number.isNaN(found)) throw invalidRequest(name, `${name} must be a time in ISO 8601, such as 2026-11-20T12:00:00Z.`);
      return found;
    },
    get page() {
      return { before: text("cursor"), limit: number("limit") ?? USUAL_PAGE };
    },
  };
}
