import type { Reading } from "../reading.ts";
import { costOf, type RateScope, type Rule, SPANS, type Step } from "../rule.ts";

/** One thing to be put right, as the script reads it; a key by its place among the keys, from 1 on. */
export type Change =
  | readonly ["back", key: number, kind: string, charge: number, amount: number]
  | readonly ["add", key: number, kind: string, microsecondsAgo: number, amount: number]
  | readonly ["earn", key: number, microseconds: number]
  | readonly ["hold", key: number, slot: string, lease: number]
  | readonly ["free", key: number, slot: string]
  | readonly ["mark", key: number, milliseconds: number]
  | readonly ["keep", key: number, milliseconds: number];

/** A step as the script is asked for it. */
export interface AskedStep {
  readonly keys: readonly string[];
  /** Of each rule in turn, the place of its key. */
  readonly places: readonly number[];
  /** As JSON. */
  readonly rules: string;
  readonly takesSlots: boolean;
}

/** Keys of one installation lie on one server of a cluster, so that a step may look at several of them. */
export function stateKey(scope: RateScope, id: string): string {
  return `{limits}:state:${scope}:${id}`;
}

export function slotsKey(scope: RateScope, id: string): string {
  return `{limits}:slots:${scope}:${id}`;
}

/** Where a gateway leaves its mark: as long as that is there, Redis knows what the gateway has told it. */
export function markKey(self: string): string {
  return `{limits}:mark:${self}`;
}

export function askedStep(step: Step): AskedStep {
  const keys: string[] = [];
  const places: number[] = [];
  const rules: string[] = [];
  let takesSlots = false;
  for (const { scope, id, rules: own } of step) {
    for (const { kind, limit, burst } of own) {
      if (kind === "parallel") takesSlots = true;
      const key = kind === "parallel" ? slotsKey(scope, id) : stateKey(scope, id);
      let at = keys.indexOf(key);
      if (at < 0) at = keys.push(key) - 1;
      places.push(at + 1);
      rules.push(`[${at + 1},"${kind}",${limit},${burst}]`);
    }
  }
  return { keys, places, rules: `[${rules.join(",")}]`, takesSlots };
}

/** What the script said of a step. */
export interface ToldStep {
  readonly taken: boolean;
  /** After it was taken, or as they stand when it was not. */
  readonly readings: readonly Reading[];
  /** Of each rule in turn, where it was charged. */
  readonly charges: readonly number[];
}

const MICROSECONDS = 1000;
/** Numbers to a rule. */
const WIDTH = 4;

/** Has Redis lost what this gateway told it? */
export function isForgotten(reply: unknown): boolean {
  return Array.isArray(reply) && Number(reply[0]) === -1;
}

/** Reads what the script says. Throws when that makes no sense. */
export function toldStep(reply: unknown, step: Step, tokens: number): ToldStep {
  if (!Array.isArray(reply)) throw new Error("Redis answered something that is no count.");
  const number = (at: number): number => Number(reply[at]);
  const taken = number(0) === 1;
  const readings: Reading[] = [];
  const charges: number[] = [];
  for (const of of step) {
    for (const rule of of.rules) {
      const at = 1 + readings.length * WIDTH;
      const [used, resets, wait] = [number(at), number(at + 1) / MICROSECONDS, number(at + 2)];
      charges.push(number(at + 3));
      const standing = { of, rule, used, resets, wait: wait < 0 ? Number.POSITIVE_INFINITY : wait / MICROSECONDS };
      readings.push(taken ? after(standing, tokens) : standing);
    }
  }
  return { taken, readings, charges };
}

/** The same once it has been charged. */
function after(reading: Reading, tokens: number): Reading {
  const { rule, used, resets } = reading;
  return { ...reading, used: used + costOf(rule, tokens), resets: afterwards(rule, resets), wait: 0 };
}

function afterwards({ kind, limit }: Rule, resets: number): number {
  switch (kind) {
    case "second":
      return resets + 1000 / limit;
    case "parallel":
      return 1000;
    default:
      return SPANS[kind];
  }
}
