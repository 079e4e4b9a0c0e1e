import type { Clock } from "../vocabulary/clock.ts";
import type { EngineSpec } from "../vocabulary/engine.ts";
import type { Verdict } from "./core/event.ts";
import type { EngineState } from "./core/state.ts";
import type { Exit } from "./drivers/driver.ts";
import { utilisationOf } from "./engines/vllm-arguments.ts";
import type { FleetMemory } from "./keeping/fleet-memory.ts";
import { type Caps, learn, recovered } from "./memory/caps.ts";
import { classify } from "./memory/trouble.ts";

/** What was learnt of engines' memory by their failures, and what is learnt of another. Kept, and void once an engine is described otherwise. */
export interface Lessons {
  capsOf(spec: EngineSpec): Caps | undefined;
  /** What the end of an engine says: by its last words and its exit. */
  judge(engine: EngineState, words: string, exit: Exit): Verdict;
  /** An engine is about to start: after a day in peace it is given a little more again. */
  relax(spec: EngineSpec): void;
}

interface LessonsParts {
  readonly memory: FleetMemory;
  readonly clock: Pick<Clock, "now">;
  /** Bytes of the smallest of its GPUs; absent: not known. */
  readonly gpuMemory: (spec: EngineSpec) => number | undefined;
}

export function createLessons({ memory, clock, gpuMemory }: LessonsParts): Lessons {
  const capsOf = ({ name, hash }: EngineSpec): Caps | undefined => {
    const learnt = memory.now.lessons.get(name);
    return learnt?.hash === hash ? learnt.caps : undefined;
  };
  const keep = ({ name, hash }: EngineSpec, caps: Caps | undefined) => {
    const lessons = new Map(memory.now.lessons);
    if (caps === undefined) lessons.delete(name);
    else lessons.set(name, { hash, caps });
    memory.keep({ lessons });
  };
  return {
    capsOf,
    judge({ spec, phase }, words, exit) {
      const served = phase.type === "ready" || phase.type === "suspect" || phase.type === "draining";
      const trouble = classify({ log: words, exit, served });
      const { maxModelLen, maxConcurrent, vram } = spec;
      const configured = { maxModelLen, maxConcurrent, utilisation: utilisationOf(vram, gpuMemory(spec)), mayShorten: spec.mayShorten, now: clock.now() };
      const lesson = learn(trouble, capsOf(spec), configured);
      switch (lesson.next) {
        case "retry":
          keep(spec, lesson.caps);
          return { why: `${trouble.says} ${lesson.says}`, hopeless: false };
        case "wait":
          return { why: trouble.says, hopeless: false };
        case "exhausted":
          return { why: `${trouble.says} ${lesson.says}`, hopeless: true };
        default:
          return lesson satisfies never;
      }
    },
    relax(spec) {
      const caps = capsOf(spec);
      const relaxed = caps && recovered(caps, { maxConcurrent: spec.maxConcurrent, now: clock.now() });
      if (relaxed !== undefined) keep(spec, relaxed.caps);
    },
  };
}
