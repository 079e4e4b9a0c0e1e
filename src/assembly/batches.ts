import { clearance } from "../batches/clearance.ts";
import { type BatchDesk, createBatchDesk } from "../batches/desk.ts";
import { createFileDesk, type FileDesk } from "../batches/files/file-desk.ts";
import type { BatchSettings, RunParts } from "../batches/parts.ts";
import { type BatchRunner, startRunner } from "../batches/runner.ts";
import type { Settings } from "../config/schema/schema.ts";
import { serveLine } from "../gateway/batches/serve-line.ts";
import type { FoundHandle } from "../gateway/rehearsal.ts";
import { requestIds } from "../gateway/visit/request-ids.ts";
import type { Store } from "../store/open.ts";
import type { Log } from "../telemetry/log.ts";
import { systemClock } from "../vocabulary/clock.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { RequestRecord } from "../vocabulary/record.ts";
import { systemTimer } from "../vocabulary/timer.ts";
import { type CapacityParts, capacityOf } from "./capacity.ts";
import type { Replicas } from "./replicas.ts";

const MEGABYTE = 1024 * 1024;

interface BatchesParts extends Pick<RunParts, "callerNow"> {
  readonly store: Pick<Store, "batches" | "ready">;
  readonly settings: () => Settings;
  readonly models: CapacityParts["models"];
  readonly standings: CapacityParts["standings"];
  readonly engines: CapacityParts["engines"];
  /** The very routes that clients use. */
  readonly find: (path: string) => FoundHandle;
  readonly record: (record: RequestRecord) => void;
  /** Do other gateways go on with batches of the same books? */
  readonly shared: boolean;
  readonly replicas: Replicas;
  readonly log: Pick<Log, "warn" | "error">;
}

/** Files and batches, and who goes on with them. */
export interface Batches {
  readonly files: FileDesk;
  readonly desk: BatchDesk;
  /** Takes nothing new, and lets what is being asked be answered for so many milliseconds. */
  stop(grace: number): Promise<void>;
}

/** Puts batches in their place. What was left behind is gone on with as soon as the database can be used. */
export function openBatches(parts: BatchesParts): Batches {
  const { store, settings, models, standings, engines, find, record, callerNow, shared, replicas, log } = parts;
  const { batches: book } = store;
  const clear = clearance(book, systemClock);
  const inForce = () => batchSettings(settings());
  const complain = (requestId: string, failure: Failure) => log.error("internal failure", { request_id: requestId, error: failure.facts.cause ?? failure });
  let runner: BatchRunner | undefined;
  let stopped = false;
  const start = () => {
    if (stopped) return;
    runner = startRunner({
      book,
      files: book.files,
      settings: inForce,
      capacity: capacityOf({ models, standings, engines, clock: systemClock, share: () => settings().batches.idle_share / 100 }),
      callerNow,
      mayAsk: async (model, caller) => models.find(model, caller),
      serve: (line) => serveLine(line, { find, clock: systemClock, record, complain }),
      requestId: requestIds(),
      clock: systemClock,
      timer: systemTimer,
      complain: (what, facts) => log.warn(what, facts),
      holder: crypto.randomUUID(),
      shared,
      clear,
    });
  };
  void store.ready.then(start);
  replicas.hear("batch", () => runner?.nudge());
  const nudge = () => {
    runner?.nudge();
    replicas.tell("batch", "");
  };
  return {
    files: createFileDesk({ book: book.files, settings: inForce, clock: systemClock, clear }),
    desk: createBatchDesk({ shelf: book, files: book.files, runner: { nudge }, settings: inForce, clock: systemClock }),
    async stop(grace) {
      stopped = true;
      await runner?.stop(grace, new Failure("overloaded", "This Signalbox stopped before the answer was finished.", { retryAfter: 1 }));
    },
  };
}

function batchSettings({ batches, server }: Settings): BatchSettings {
  return {
    mostBytes: batches.max_file_mb * MEGABYTE,
    mostLines: batches.max_lines,
    longestLine: server.max_body_mb * MEGABYTE,
    keep: batches.keep,
    window: batches.window,
    parallel: batches.parallel,
    parallelTotal: batches.parallel_total,
    priority: batches.priority,
  };
}
