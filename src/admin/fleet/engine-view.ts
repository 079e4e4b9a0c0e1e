import type { EngineReport } from "../../fleet/report.ts";
import { isoTime } from "../input.ts";
import type { FleetDesk } from "./fleet-desk.ts";

/** An engine as management shows it. Memory is bytes, on each of its GPUs. */
export function shownEngine(engine: EngineReport, { calendar, queuedAt }: Pick<FleetDesk, "calendar" | "queuedAt">) {
  const { spec, waiting, fit, caps } = engine;
  return {
    name: spec.name,
    state: engine.state,
    why: engine.why ?? null,
    since: isoTime(engine.since),
    model: spec.model,
    kind: spec.kind,
    task: spec.task,
    driver: spec.driver,
    gpus: spec.gpus,
    vram_bytes: spec.vram,
    generation: engine.generation,
    pinned: engine.pinned,
    scheduled: engine.mayRun,
    available_from: engine.mayRun ? null : isoTime(calendar.opensFor(spec.name)),
    in_flight: engine.inFlight,
    queued: queuedAt(spec.name) + waiting,
    waiting,
    idle_until: isoTime(engine.idleUntil),
    failures: engine.failures,
    last_error: engine.lastError ?? null,
    limits: { max_concurrent: spec.maxConcurrent ?? null, max_queue: spec.maxQueue, max_model_len: spec.maxModelLen ?? null },
    fit: fit === undefined ? null : { fits: fit.fits, says: fit.says, needed_bytes: Math.ceil(fit.needed), longest: fit.longest },
    learnt:
      caps === undefined
        ? null
        : {
            max_concurrent: caps.maxConcurrent ?? null,
            max_num_seqs: caps.maxNumSeqs ?? null,
            max_model_len: caps.maxModelLen ?? null,
            utilisation: caps.utilisation ?? null,
            since: isoTime(caps.since),
          },
  };
}

/** What of an engine is told beside the deployment that it is. */
export function shownAtDeployment({ spec, state, why, idleUntil }: EngineReport) {
  return { name: spec.name, state, why: why ?? null, idle_until: isoTime(idleUntil) };
}
