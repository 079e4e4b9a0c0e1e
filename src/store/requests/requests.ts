import type { RequestRecord } from "../../vocabulary/record.ts";
import type { UsageQuestion, UsageRow } from "../usage/usage-queries.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import type { Correction } from "./corrections.ts";
import type { Reader } from "./reader.worker.ts";
import { cursorOf, type Owner, type RequestListing, type RequestPage } from "./request-queries.ts";
import { linesOf } from "./request-row.ts";
import type { Fate, RequestsWriter } from "./requests-writer.worker.ts";

/** Rows on their way to the disk, and rows that never got there. */
export interface QueueState {
  /** Accepted, not yet in the database: in memory, or in the journal of the data folder while PostgreSQL is away. */
  readonly waiting: number;
  readonly written: number;
  /** Given up since the start: queue or journal was full, or the database refused them. */
  readonly dropped: number;
  /** Why the last ones were given up. */
  readonly trouble?: string;
}

export interface RequestStore {
  /** Remembers a request. Never waits and never throws; past the bound the row is dropped and counted. */
  append(record: RequestRecord): void;
  /** Everything appended so far is in the database or the journal, or counted as dropped. */
  flush(): Promise<void>;
  /** The request of this id, whosesoever it is or an owner's own. */
  find(id: string, of?: Owner): Promise<RequestRecord | undefined>;
  /** Newest first. Throws `invalid-request` for a cursor that is none of ours. */
  list(listing: RequestListing): Promise<RequestPage>;
  /** Corrects rows that are there, and the sums they are part of, all or nothing; how many were: not those that somebody else corrected first. */
  correct(corrections: readonly Correction[]): Promise<number>;
  /** What was used, added up. */
  usage(question: UsageQuestion): Promise<readonly UsageRow[]>;
  state(): QueueState;
  /** Flushes, and leaves what is in the journal for the next start. */
  close(): Promise<void>;
}

export interface RequestStoreParts {
  readonly writer: Pick<WorkerLink<RequestsWriter>, "ask">;
  readonly reader: () => Pick<WorkerLink<Reader>, "ask">;
  /** Rows that wait in the journal from before. */
  readonly journaled?: number;
  /** `waiting`: rows in memory; `batch`: rows sent at once; milliseconds between batches, and between attempts to empty the journal. */
  readonly bounds?: { readonly waiting?: number; readonly batch?: number; readonly everyMs?: number; readonly replayMs?: number };
}

/**
 * The queue in front of the writer worker. Per record on the main thread, two cores shared with others, Bun 1.4.5, batches of 512
 * (µs of main-thread CPU; µs of the whole process without the insert):
 *   objects by structured clone 2.7; 3.8 · tuples by structured clone 2.0; 3.3 · columns by structured clone 1.0; 1.4 ·
 *   tuples as one JSON string 0.8; 1.4 · JSON as transferred UTF-8 bytes 0.6; 1.3, of which the trace alone is 0.3. So: bytes.
 * All in all, insert into a file and its two indexes included, a row costs the process 7 µs at 26,000 rows/s pinned to one core; ids out of order would make it 15.
 */
export function createRequestStore({ writer, reader, journaled: before = 0, bounds = {} }: RequestStoreParts): RequestStore {
  const maxWaiting = bounds.waiting ?? 32_768;
  const maxBatch = bounds.batch ?? 1024;
  const everyMs = bounds.everyMs ?? 40;
  const replayMs = bounds.replayMs ?? 1_000;
  const encoder = new TextEncoder();
  // Rows wait as text: records kept until the next batch would drag everything they hold through the garbage collector.
  let batch = "";
  let rows = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting = 0;
  let journaled = before;
  let replaying: ReturnType<typeof setTimeout> | undefined;
  let written = 0;
  let dropped = 0;
  let trouble: string | undefined;
  let closed = false;
  let lastSent: Promise<void> = Promise.resolve();

  const settle = (count: number, fate: Fate, why?: string) => {
    waiting -= count;
    written += fate.written;
    journaled += fate.journaled;
    const lost = count - fate.written - fate.journaled;
    dropped += lost;
    if (lost > 0) trouble = why ?? "The table refused a row.";
    if (journaled > 0) replaying ??= setTimeout(replay, replayMs);
  };
  /** Empties the journal piece by piece, as soon as the database takes it. */
  const replay = async () => {
    const { taken, written: stored } = await writer.ask("replay", null).catch(() => NOTHING);
    journaled -= taken;
    written += stored;
    dropped += taken - stored;
    replaying = journaled > 0 && !closed ? setTimeout(replay, taken > 0 ? 0 : replayMs) : undefined;
  };
  const send = () => {
    if (timer) clearTimeout(timer);
    timer = undefined;
    const count = rows;
    if (count === 0) return;
    const bytes = encoder.encode(batch);
    batch = "";
    rows = 0;
    // The worker answers in order, so the last batch's answer stands for all before it.
    lastSent = writer.ask("insert", bytes, [bytes.buffer]).then(
      (fate) => settle(count, fate),
      (error: Error) => settle(count, LOST, error.message),
    );
  };
  if (journaled > 0) replaying = setTimeout(replay, replayMs);

  return {
    append(record) {
      if (waiting >= maxWaiting) {
        dropped++;
        trouble = `More than ${maxWaiting} request rows were waiting for the disk.`;
        return;
      }
      let row: string;
      try {
        row = linesOf(record);
      } catch (error) {
        dropped++;
        trouble = error instanceof Error ? error.message : String(error);
        return;
      }
      waiting++;
      batch += row;
      if (++rows >= maxBatch) send();
      else timer ??= setTimeout(send, everyMs);
    },
    async flush() {
      send();
      await lastSent;
    },
    find: (id, of) => reader().ask("find", { id, of }),
    async list(listing) {
      if (listing.before !== undefined) cursorOf(listing.before);
      return reader().ask("list", listing);
    },
    correct: (corrections) => writer.ask("correct", corrections),
    usage: (question) => reader().ask("usage", question),
    state: () => ({ waiting: waiting + journaled, written, dropped, trouble }),
    async close() {
      closed = true;
      clearTimeout(replaying);
      send();
      await lastSent;
    },
  };
}

const LOST: Fate = { written: 0, journaled: 0 };
const NOTHING = { taken: 0, written: 0 };
