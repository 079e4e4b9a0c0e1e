import { z } from "zod";
import { nanoOf } from "../../vocabulary/money.ts";

/**
 * Kinds of field. Numbers and switches may also be text, because `${NAME}` always is.
 * Each has one error message, which says what was expected.
 */

/** A whole number within bounds, both included. */
export function wholeNumber(least: number, most: number) {
  const error = `expected a whole number from ${least} to ${most}.`;
  return z
    .union([z.int({ error }).min(least, { error }).max(most, { error }), z.string({ error }).regex(/^\s*-?\d+\s*$|^\$\{/, { error })], { error })
    .transform(Number)
    .refine((value) => value >= least && value <= most, { error });
}

/** A number that is not negative. */
export function amount() {
  const error = "expected a number, 0 or more.";
  return z
    .union([z.number({ error }).min(0, { error }), z.string({ error }).regex(/^\s*\d+(\.\d+)?\s*$|^\$\{/, { error })], { error })
    .transform(Number)
    .refine((value) => value >= 0, { error });
}

const TRUE = /^(true|yes|on|1)$/i;
const FALSE = /^(false|no|off|0)$/i;

/** True or false. */
export function flag() {
  const error = "expected true or false.";
  return z
    .union([z.boolean({ error }), z.string({ error })], { error })
    .transform((value) => (typeof value === "boolean" ? value : TRUE.test(value) ? true : FALSE.test(value) ? false : undefined))
    .refine((value) => value !== undefined, { error })
    .transform((value) => value === true);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds from `500ms`, `8s`, `10m`, `2h`, `1d`; `undefined` for anything else. */
export function durationOf(text: string): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*$/.exec(text);
  return match === null ? undefined : Math.round(Number(match[1]) * (UNITS[match[2] ?? ""] ?? 1));
}

/** A duration with its unit, in milliseconds once read. */
export function duration() {
  const error = "expected a duration with its unit, such as 500ms, 8s or 10m.";
  return z
    .string({ error })
    .refine((value) => durationOf(value) !== undefined, { error })
    .transform((value) => durationOf(value) ?? 0)
    .meta({ examples: ["500ms", "8s", "10m"] });
}

const SIZES: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, MiB: 2 ** 20, GiB: 2 ** 30 };

/** Memory with its unit, in bytes once read. */
export function memorySize() {
  const error = "expected memory with its unit, such as 22GiB or 800MiB.";
  const sizeOf = (value: string): number | undefined => {
    const match = /^\s*(\d+(?:\.\d+)?)\s*(MB|GB|MiB|GiB)\s*$/.exec(value);
    return match === null ? undefined : Math.round(Number(match[1]) * (SIZES[match[2] ?? ""] ?? 1));
  };
  return z
    .string({ error })
    .refine((value) => sizeOf(value) !== undefined, { error })
    .transform((value) => sizeOf(value) ?? 0)
    .meta({ examples: ["22GiB", "800MiB"] });
}

/** A date or a time in ISO 8601, in milliseconds since 1970 once read. */
export function moment() {
  const error = "expected a date or a time in ISO 8601, such as 2027-01-31 or 2027-01-31T12:00:00Z.";
  return z
    .string({ error })
    .refine((value) => /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value)), { error })
    .transform((value) => Date.parse(value))
    .meta({ examples: ["2027-01-31", "2027-01-31T12:00:00Z"] });
}

/** Text with something in it. */
export function text(what = "text") {
  const error = `expected ${what}.`;
  return z.string({ error }).min(1, { error });
}

/** Text or an address, or none: `""` is as good as nothing. */
export function emptyOr(kind: "text" | "address") {
  const error = kind === "text" ? "expected text." : "expected a URL that begins with http:// or https://.";
  return z
    .string({ error })
    .regex(kind === "text" ? /^/ : /^(https?:\/\/[^\s/]+\S*)?$/i, { error })
    .transform((value) => (value === "" ? undefined : value))
    .optional();
}

/** A list of texts. */
export function texts() {
  return z.array(text(), { error: "expected a list." });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `expected one of ${words.join(", ")}.` });
}

/** An address with its scheme. */
export function address() {
  const error = "expected a URL that begins with http:// or https://.";
  return z.string({ error }).regex(/^https?:\/\/[^\s/]+/i, { error });
}

/** As they stand in the config; 0 is Sunday. */
export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** Minutes after midnight of `02:00`; `24:00` is midnight too. */
export function timeOfDay() {
  const error = "expected a time of day, such as 02:00.";
  return z
    .string({ error })
    .regex(/^([01]?\d|2[0-4]):[0-5]\d$/, { error })
    .transform((value) => {
      const [hours = 0, minutes = 0] = value.split(":").map(Number);
      return (hours % 24) * 60 + minutes;
    });
}

/** A name of the time zone database. */
export function timeZone() {
  const error = "expected a time zone, such as Europe/Moscow.";
  return z.string({ error }).refine(
    (value) => {
      try {
        return new Intl.DateTimeFormat("en", { timeZone: value }) !== undefined;
      } catch {
        return false;
      }
    },
    { error },
  );
}

/** US dollars as the digits that were written, for `nanoOf`: money is never a fraction in binary. */
export function dollars() {
  const error = "expected an amount of US dollars, 0 or more, such as 100 or 0.5.";
  return z
    .union([z.number({ error }), z.string({ error })], { error })
    .refine((value) => (nanoOf(value) ?? -1n) >= 0n || /^\$\{/.test(String(value)), { error })
    .transform(String);
}
