import { isObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import type { Caps } from "../memory/caps.ts";
import type { Override } from "../schedule/overrides.ts";

/** What the fleet remembers from one start of the gateway to the next. */
export interface Remembered {
  /** Whose engines these are: eight letters and digits, made once. */
  readonly install: string;
  /** By engine, of its last start. */
  readonly generations: ReadonlyMap<string, number>;
  /** By engine: what was learnt of it as it was then described. */
  readonly lessons: ReadonlyMap<string, Learnt>;
  readonly overrides: readonly Override[];
}

export interface Learnt {
  /** `EngineSpec.hash`. */
  readonly hash: string;
  readonly caps: Caps;
}

/** What is remembered, and how it changes. */
export interface FleetMemory {
  readonly now: Remembered;
  keep(changes: Partial<Omit<Remembered, "install">>): void;
  /** Others may have changed it: it is read anew. */
  refresh(): Promise<void>;
}

/** What a text says that `rememberedText` has written. What is not understood in it is left out. */
export function rememberedIn(text: string, install: string): Remembered {
  const { generations, lessons, overrides } = objectOf(parseJson(text));
  return {
    install,
    generations: new Map(Object.entries(objectOf(generations)).flatMap(([name, value]) => entry(name, numberOf(value)))),
    lessons: new Map(Object.entries(objectOf(lessons)).flatMap(([name, value]) => entry(name, learntOf(value)))),
    overrides: listOf(overrides).flatMap(overrideOf),
  };
}

export function rememberedText({ install, generations, lessons, overrides }: Remembered): string {
  return JSON.stringify({ install, generations: Object.fromEntries(generations), lessons: Object.fromEntries(lessons), overrides }, null, 2);
}

const entry = <Value>(name: string, value: Value | undefined): [string, Value][] => (value === undefined ? [] : [[name, value]]);

function learntOf(value: unknown): Learnt | undefined {
  const { hash, caps } = objectOf(value);
  const { since, maxModelLen, maxNumSeqs, utilisation, maxConcurrent } = objectOf(caps);
  const known = numberOf(since);
  if (known === undefined || typeof hash !== "string") return undefined;
  const some = {
    maxModelLen: numberOf(maxModelLen),
    maxNumSeqs: numberOf(maxNumSeqs),
    utilisation: numberOf(utilisation),
    maxConcurrent: numberOf(maxConcurrent),
  };
  return { hash, caps: { ...some, since: known } };
}

function overrideOf(value: unknown): Override[] {
  if (!isObject(value)) return [];
  const { window, until, by, at, cause, reason } = value;
  if (typeof window !== "string" || typeof until !== "number" || typeof by !== "string" || typeof at !== "number") return [];
  return [{ window, until, by, at, cause: cause === "rollback" ? "rollback" : "operator", reason: stringOf(reason) }];
}
