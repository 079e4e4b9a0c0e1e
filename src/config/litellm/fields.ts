import type { Path, Tell } from "../file/problem.ts";
import { isRecord } from "../file/tree.ts";

/** A value of ours, and where in LiteLLM's file it comes from. What it holds may be such values again. */
export class Carried {
  readonly value: unknown;
  readonly from: Path;

  constructor(value: unknown, from: Path) {
    this.value = value;
    this.from = from;
  }
}

/** Turns a value of theirs into one of ours; `undefined`: it is none that we could have. */
export type Convert = (value: unknown) => unknown;

/** A section of LiteLLM's file. What nobody takes out of it is told at the end. */
export class Fields {
  readonly path: Path;
  private readonly record: Readonly<Record<string, unknown>>;
  private readonly taken = new Set<string>();
  private readonly tell: Tell;

  constructor(value: unknown, path: Path, tell: Tell) {
    this.record = isRecord(value) ? value : {};
    this.path = path;
    this.tell = tell;
    if (value !== undefined && value !== null && !isRecord(value)) tell(path, NOT_CARRIED, "Fields were expected below this name.");
  }

  has(name: string): boolean {
    return this.record[name] !== undefined && this.record[name] !== null;
  }

  /** The value as written: null is none. */
  take(name: string): unknown {
    this.taken.add(name);
    return this.record[name] ?? undefined;
  }

  text(name: string): string | undefined {
    const value = this.take(name);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  }

  section(name: string): Fields {
    return new Fields(this.take(name), [...this.path, name], this.tell);
  }

  /** Each entry of a list, or nothing. */
  entries(name: string): Fields[] {
    const list = this.take(name);
    return Array.isArray(list) ? list.map((entry, index) => new Fields(entry, [...this.path, name, index], this.tell)) : [];
  }

  /** The first of these fields that is given, converted. One that cannot be is told. */
  carry(names: string | readonly string[], convert: Convert): Carried | undefined {
    const all = typeof names === "string" ? [names] : names;
    const given = all.filter((name) => this.has(name));
    for (const name of given) this.taken.add(name);
    const [name] = given;
    if (name === undefined) return undefined;
    const path = [...this.path, name];
    const value = convert(this.record[name]);
    if (value !== undefined) return new Carried(value, path);
    this.tell(path, NOT_CARRIED, "Its value is not one that can be.");
    return undefined;
  }

  /** Takes what is known and has nothing to be carried over into. */
  skip(...names: string[]): void {
    for (const name of names) this.taken.add(name);
  }

  /** Tells of a field that is given: what becomes of it. */
  remark(name: string, message: string, fix: string): void {
    this.taken.add(name);
    if (this.has(name)) this.tell([...this.path, name], message, fix);
  }

  /** Tells of everything that nobody took, but for what is off. `why`: by name, what to do instead. */
  tellRest(why: Readonly<Record<string, string>> = {}): void {
    for (const [name, value] of Object.entries(this.record))
      if (!this.taken.has(name) && value !== false && value !== null) this.tell([...this.path, name], NOT_CARRIED, why[name] ?? "");
  }
}

export const NOT_CARRIED = "is not carried over.";

/** A reference, which stands for a value nobody knows yet. */
const isReference = (value: unknown): value is string => typeof value === "string" && /^\$\{[^}]*\}$/.test(value.trim());

const numberIn = (value: unknown): number | undefined => {
  const number = typeof value === "number" ? value : typeof value === "string" && value.trim() !== "" ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
};

/** Text, a number as text included. */
export const asText: Convert = (value) => (typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined);

/** A number, or a reference to one. */
export const asNumber: Convert = (value) => (isReference(value) ? value : numberIn(value));

/** A whole number of one at least, or a reference to one. */
export const asCount: Convert = (value) => {
  const number = numberIn(value);
  return isReference(value) ? value : number === undefined || number < 1 ? undefined : Math.round(number);
};

/** Seconds as a duration. */
export const asDuration: Convert = (value) => {
  const seconds = numberIn(value);
  return isReference(value) ? `${value.trim()}s` : seconds === undefined || seconds < 0 ? undefined : durationText(seconds);
};

function durationText(seconds: number): string {
  if (Number.isInteger(seconds))
    return seconds > 0 && seconds % 3600 === 0 ? `${seconds / 3600}h` : seconds > 0 && seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`;
  return `${Math.round(seconds * 1000)}ms`;
}

/** USD for one token as USD for a million. */
export const asPerMillion: Convert = (value) => {
  const each = numberIn(value);
  return each === undefined || each < 0 ? undefined : Number((each * 1e6).toPrecision(12));
};

/** True or false, by Python's words too. */
export const asFlag: Convert = (value) => {
  if (typeof value === "boolean" || isReference(value)) return value;
  if (typeof value !== "string" || !/^(true|false)$/i.test(value)) return undefined;
  return value.toLowerCase() === "true";
};

/** A list of words; one alone is a list too. */
export const asWords: Convert = (value) => {
  const list = Array.isArray(value) ? value : [value];
  return list.every((each) => typeof each === "string" && each !== "") ? list : undefined;
};

/** The number behind a carried value that is one. */
export function numberOf(carried: Carried | undefined): number | undefined {
  return typeof carried?.value === "number" ? carried.value : undefined;
}
