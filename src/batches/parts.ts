import type { Author, BatchEndpoint, BatchWork } from "../vocabulary/batch.ts";
import type { Caller } from "../vocabulary/caller.ts";
import type { Clock } from "../vocabulary/clock.ts";
import type { Failure } from "../vocabulary/failure.ts";
import type { FileBook } from "../vocabulary/stored-file.ts";
import type { Timer } from "../vocabulary/timer.ts";
import type { Usage } from "../vocabulary/usage.ts";

/** As they are in force now. Durations are milliseconds, sizes bytes. */
export interface BatchSettings {
  readonly mostBytes: number;
  readonly mostLines: number;
  /** Of one line: no request may be larger. */
  readonly longestLine: number;
  /** How long files are kept, and batches that are over. */
  readonly keep: number;
  /** For a batch whose client does not say how long it may take. */
  readonly window: number;
  /** Lines of one batch that are asked at once, and of all. */
  readonly parallel: number;
  readonly parallelTotal: number;
  readonly priority: number;
}

/** A line that is put to the gateway, as its author would. */
export interface AskedLine {
  readonly batch: string;
  readonly requestId: string;
  readonly endpoint: BatchEndpoint;
  /** JSON text. */
  readonly body: string;
  readonly author: Author;
  /** As whom it asks, or why nobody may. */
  readonly caller: Caller | Failure;
  readonly priority: number;
  /** Calls back with the reason when it is not to be waited for any more. */
  onCallOff(then: (reason: Failure) => void): void;
}

/** What the gateway said. */
export interface LineAnswer {
  readonly status: number;
  readonly body: string;
  /** Why it is no answer. */
  readonly failure?: Failure;
  /** It is no answer because nobody waited for it any more. */
  readonly calledOff?: boolean;
  /** Has an upstream got any of it? */
  readonly sent: boolean;
  readonly usage?: Usage;
}

/** Where a model is up, and how busy. */
export interface Capacity {
  /** Can this model be asked now, and if not, from when on? Milliseconds since 1970; absent: nobody can say. */
  whenServed(model: string, caller: Caller): Served | Promise<Served>;
  /** Does nobody else wait for it, and is there room that nobody else needs? */
  idle(model: string, caller: Caller): boolean | Promise<boolean>;
}

export type Served = { readonly now: true } | { readonly now: false; readonly from?: number; readonly why: string };

/** What batches are run with. */
export interface RunParts {
  readonly book: BatchWork;
  readonly files: FileBook;
  readonly settings: () => BatchSettings;
  readonly capacity: Capacity;
  /** As whom its author may ask now. Rejects with `invalid-key` when nobody may, with anything else when that cannot be said. */
  callerNow(author: Author): Promise<Caller>;
  /** Rejects with `model-not-found`. */
  mayAsk(model: string, caller: Caller): Promise<unknown>;
  /** Never rejects. */
  serve(line: AskedLine): Promise<LineAnswer>;
  /** A new one for every line. */
  requestId(): string;
  readonly clock: Pick<Clock, "now">;
  readonly timer: Timer;
  /** Told of what should not happen. */
  complain(what: string, facts: Readonly<Record<string, unknown>>): void;
}
