import type { EngineSpec } from "../../vocabulary/engine.ts";
import type { DriverReason, Exit } from "../drivers/driver.ts";
import type { Desired } from "./state.ts";

/** What can happen to a fleet. Those about one start name it by its generation: what is told of an earlier one is not heard. */
export type FleetEvent =
  /** The config, for the first time or anew, and the generations of what ran before. */
  | { readonly type: "configured"; readonly specs: readonly EngineSpec[]; readonly generations: ReadonlyMap<string, number> }
  /** What ran before us has been looked at: these go on, and are judged like any that has just been started. */
  | { readonly type: "adopted"; readonly runner: string; readonly engines: readonly Adopted[] }
  | { readonly type: "desired"; readonly desired: Desired }
  /** `at`: before the reading was begun, on the clock of the facts. */
  | { readonly type: "measured"; readonly at: number; readonly gpus: readonly MeasuredGpu[] }
  /** Somebody waits for an engine, has left, or was answered: how many do is for the facts to tell. */
  | { readonly type: "used" }
  /** What is known of its model says that it can never fit; absent: it may. */
  | { readonly type: "reckoned"; readonly engine: string; readonly misfit?: string }
  | { readonly type: "tick" }
  /** A request would rather have had it, and was served elsewhere. */
  | { readonly type: "missed"; readonly engine: string }
  | { readonly type: "operator"; readonly engine: string; readonly order: Order }
  /** Who looks after the engines: another gateway, in words; absent: we do. What ran is not known any more, or not yet. */
  | { readonly type: "role"; readonly elsewhere?: string; readonly generations: ReadonlyMap<string, number> }
  /** It cannot be reached, or can be again. */
  | { readonly type: "driver"; readonly runner: string; readonly lost?: string }
  | { readonly type: "closing"; readonly keep: boolean }
  | EngineEvent;

export type Order = "start" | "stop" | "pin" | "unpin";

/** What becomes of one start of an engine. */
export type EngineEvent =
  | { readonly type: "started"; readonly engine: string; readonly generation: number; readonly baseUrl: string }
  | { readonly type: "start-failed"; readonly engine: string; readonly generation: number; readonly reason: DriverReason; readonly message: string }
  /** It got further: said something, answers now, has shown that it can do its task. */
  | { readonly type: "progressed"; readonly engine: string; readonly generation: number }
  | { readonly type: "answers"; readonly engine: string; readonly generation: number }
  | { readonly type: "warmed"; readonly engine: string; readonly generation: number }
  /** It could not do its task, though it answers. */
  | { readonly type: "not-warmed"; readonly engine: string; readonly generation: number; readonly why: string }
  | { readonly type: "suspected"; readonly engine: string; readonly generation: number; readonly why: string }
  /** What was suspected is not so. */
  | { readonly type: "cleared"; readonly engine: string; readonly generation: number }
  /** What was suspected is so. */
  | { readonly type: "hung"; readonly engine: string; readonly generation: number; readonly why: string }
  | { readonly type: "exited"; readonly engine: string; readonly generation: number; readonly exit: Exit; readonly verdict?: Verdict }
  | { readonly type: "stopped"; readonly engine: string; readonly generation: number }
  | { readonly type: "stop-failed"; readonly engine: string; readonly generation: number; readonly why: string };

/** What its last words say of its end. */
export interface Verdict {
  /** For the operator, and for those who wait. */
  readonly why: string;
  /** Another start would end likewise. */
  readonly hopeless: boolean;
}

/** One that ran before us. */
export interface Adopted {
  readonly engine: string;
  readonly generation: number;
  readonly baseUrl: string;
}

/** A GPU as it was measured. Bytes. */
export interface MeasuredGpu {
  readonly id: string;
  readonly capacity: number;
  readonly foreign: number;
}
