import type { Store } from "../store/open.ts";
import type { Batch } from "../vocabulary/batch.ts";
import type { Caller } from "../vocabulary/caller.ts";
import { handTurned } from "../vocabulary/clock.fixture.ts";
import { Failure } from "../vocabulary/failure.ts";
import { objectOf, parseJson } from "../vocabulary/json.ts";
import { clearance } from "./clearance.ts";
import { createBatchDesk } from "./desk.ts";
import { createFileDesk } from "./files/file-desk.ts";
import { bytesOf } from "./files/write-file.ts";
import type { AskedLine, BatchSettings, Capacity, LineAnswer, RunParts } from "./parts.ts";
import { startRunner } from "./runner.ts";

const ANN: Caller = { keyId: "key_1", keyName: "one", userId: "ann", role: "member" };

const SETTINGS: BatchSettings = {
  mostBytes: 1000,
  mostLines: 100,
  longestLine: 1000,
  keep: 30 * 86_400_000,
  window: 86_400_000,
  parallel: 3,
  parallelTotal: 4,
  priority: -50,
};

export interface Staging {
  readonly settings?: Partial<BatchSettings>;
  readonly capacity?: Partial<Capacity>;
  /** What the gateway says to each line; absent: an answer. */
  readonly serve?: (line: AskedLine) => LineAnswer | Promise<LineAnswer>;
  readonly callerNow?: RunParts["callerNow"];
  readonly shared?: boolean;
  /** Absent: time of its own, that stands still until it is turned. */
  readonly time?: Pick<ReturnType<typeof handTurned>, "clock" | "timer">;
}

export const answered = (body = '{"ok":true}'): LineAnswer => ({ status: 200, body, sent: true });
export const refused = (failure: Failure, sent = false): LineAnswer => ({ status: failure.row.status, body: `{"error":"${failure.kind}"}`, failure, sent });

/** A runner over a real store, under a clock that a test turns. */
export function stage(
  { batches: store }: Pick<Store, "batches">,
  { settings, capacity, serve = () => answered(), callerNow, shared = true, time }: Staging = {},
) {
  const hands = { ...handTurned(), ...time };
  const asked: AskedLine[] = [];
  const complaints: string[] = [];
  let count = 0;
  const inForce = () => ({ ...SETTINGS, ...settings });
  const { clock, timer } = hands;
  const clear = clearance(store, clock);
  const runner = startRunner({
    book: store,
    files: store.files,
    settings: inForce,
    capacity: { whenServed: () => ({ now: true }), idle: () => true, ...capacity },
    callerNow: callerNow ?? (async () => ANN),
    async mayAsk(model) {
      if (model === "none") throw new Failure("model-not-found", "There is no such model.");
    },
    async serve(line) {
      asked.push(line);
      return serve(line);
    },
    requestId: () => `req_${++count}`,
    clock,
    timer,
    complain: (what) => void complaints.push(what),
    holder: crypto.randomUUID(),
    shared,
    clear,
  });
  // What expires by the hand-turned clock must not have expired by the store's own.
  const files = createFileDesk({ book: store.files, settings: inForce, clock: { now: Date.now }, clear });
  const desk = createBatchDesk({ shelf: store, files: store.files, runner, settings: inForce, clock });
  return {
    ...hands,
    runner,
    desk,
    asked,
    complaints,
    /** The words that were asked, in order. */
    words: () => asked.map(({ body }) => String(objectOf(parseJson(body))["words"])),
    /** A batch of one line for each of these words, to the model `m` or the one named before a colon. */
    async make(words: readonly string[], window = "24h"): Promise<Batch> {
      const lines = words.map((word) => {
        const [model, said] = word.includes(":") ? word.split(":") : ["m", word];
        return `${JSON.stringify({ custom_id: word, method: "POST", url: "/v1/embeddings", body: { model, words: said } })}\n`;
      });
      const content = async function* () {
        yield Buffer.from(lines.join(""));
      };
      const file = await files.keep({ owner: "ann", purpose: "batch", filename: "lines", lifetime: undefined }, content());
      const author = { keyId: "key_1", keyName: "one", userId: "ann", role: "member" } as const;
      return desk.create({ owner: "ann", author, inputFile: file.id, endpoint: "/v1/embeddings", window, metadata: undefined, outputLifetime: undefined });
    },
    /** The batch once it is so; time stands still meanwhile. */
    async once(id: string, isSo: (batch: Batch) => boolean): Promise<Batch> {
      for (let looks = 0; looks < 2000; looks++) {
        const batch = await desk.find(id, "ann");
        if (isSo(batch)) return batch;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`In vain: ${JSON.stringify(await desk.find(id, "ann"))}`);
    },
    /** What stands in a file of results: each custom id, and what became of it. */
    async results(file: string | undefined): Promise<Record<string, unknown>> {
      const pieces: Uint8Array[] = [];
      if (file !== undefined) for await (const piece of bytesOf(file, store.files)) pieces.push(piece);
      const lines = Buffer.concat(pieces).toString().split("\n").filter(Boolean);
      return Object.fromEntries(
        lines.map((line) => {
          const { custom_id: id, response, error } = objectOf(parseJson(line));
          return [String(id), response === null ? objectOf(error)["code"] : objectOf(response)["status_code"]];
        }),
      );
    },
  };
}
