import type { Batch, BatchEnd, BatchStatus, Holding, TakenLine } from "../../vocabulary/batch.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import type { LineAnswer, RunParts } from "../parts.ts";
import { readBatch } from "../reading/read-batch.ts";
import { answeredResult, unansweredResult } from "../results.ts";
import { finish, giveUp } from "./finish.ts";
import { ModelRests } from "./model-rests.ts";
import { type Claimed, type Next, nextLine } from "./next-line.ts";
import type { Places } from "./places.ts";
import { verdictOn } from "./verdict.ts";

/** Milliseconds until something is attempted again that the store could not do. */
const AGAIN = 1_000;

/** One batch, from when this gateway took it to its end, or to when it is another's. */
export class BatchRun {
  readonly #holding: Holding;
  readonly #parts: RunParts;
  readonly #places: Places;
  readonly #rests = new ModelRests();
  readonly #models = new Set<string>();
  readonly #asking = new Set<Promise<void>>();
  readonly #callOffs = new Set<(reason: Failure) => void>();
  #batch: Batch;
  /** Is it to be gone on with? */
  #held = true;
  #cancelled: boolean;
  #calledOff: Failure | undefined;
  /** Something has happened since it was looked at last. */
  #woken = false;
  #endPause: () => void = () => undefined;

  constructor(batch: Batch, holder: string, { parts, places }: { readonly parts: RunParts; readonly places: Places }) {
    this.#batch = batch;
    this.#holding = { batch: batch.id, holder };
    this.#parts = parts;
    this.#places = places;
    this.#cancelled = batch.status === "cancelling";
  }

  /** Something may have changed: it is looked at once. */
  wake(): void {
    this.#woken = true;
    this.#endPause();
  }

  /** How the store has it, now and then. */
  hear(status: BatchStatus): void {
    if (status !== "cancelling" || this.#cancelled) return;
    this.#cancelled = true;
    this.wake();
  }

  /** It is another's, or to be left for another: no more lines are asked. */
  leave(): void {
    this.#held = false;
    this.wake();
  }

  /** Nobody waits for the lines that are being asked any more. */
  callOff(reason: Failure): void {
    this.#calledOff = reason;
    for (const callOff of this.#callOffs) callOff(reason);
  }

  /** Goes on with it. Never rejects; settled, nothing of it is being asked. */
  async run(): Promise<void> {
    while (this.#held) {
      try {
        await this.#go();
        break;
      } catch (error) {
        this.#parts.complain("A batch could not be gone on with, and will be.", { batch: this.#batch.id, error });
        await Promise.all(this.#asking);
        this.#woken = !this.#held;
        await this.#pause(AGAIN);
      }
    }
    await Promise.all(this.#asking);
  }

  async #go(): Promise<void> {
    // Those were being asked when whoever held it ended.
    await giveUp(this.#holding, { state: "running", code: "interrupted" }, this.#parts);
    if (this.#batch.status === "validating" && !this.#cancelled && !(await this.#read())) return;
    const end = this.#batch.status === "finalizing" ? "completed" : await this.#work();
    await Promise.all(this.#asking);
    if (end !== undefined && this.#held) await finish(this.#batch, this.#holding, end, this.#parts);
  }

  /** False: there is nothing to be asked. */
  async #read(): Promise<boolean> {
    const { book, clock } = this.#parts;
    const read = await readBatch(this.#batch, this.#holding, this.#parts, () => this.#held && !this.#cancelled);
    if (read === "stopped") {
      // Half of a file is none: nothing of it was asked, and nothing is told of it.
      if (this.#cancelled) await book.beginLines(this.#holding);
      return this.#held;
    }
    if ("faults" in read) {
      await book.refuse({ ...this.#holding, ...read, at: clock.now() });
      return false;
    }
    const accepted = await book.accept({ ...this.#holding, ...read, at: clock.now() });
    if (accepted === undefined) return false;
    this.#batch = accepted;
    this.hear(accepted.status);
    return true;
  }

  /** Asks its lines, as many at once as may be. How it ends; `undefined`: it is another's. */
  async #work(): Promise<BatchEnd | undefined> {
    for (const model of await this.#parts.book.models(this.#batch.id)) this.#models.add(model);
    while (this.#held) {
      this.#woken = false;
      if (this.#cancelled) return "cancelled";
      if (this.#parts.clock.now() >= this.#batch.expiresAt) return "expired";
      if (this.#models.size === 0 && this.#asking.size === 0) return "completed";
      const next = await this.#next();
      switch (next.type) {
        case "line":
          this.#ask(next);
          continue;
        case "wait":
          if (this.#models.size > 0 || this.#asking.size > 0) await this.#pause(Math.min(next.for, this.#batch.expiresAt - this.#parts.clock.now()));
          continue;
        case "stopped":
          await this.#whyStopped();
          continue;
        default:
          next satisfies never;
      }
    }
    return undefined;
  }

  async #next(): Promise<Next> {
    if (this.#models.size === 0 || this.#asking.size >= this.#parts.settings().parallel || !this.#places.take()) return { type: "wait", for: AGAIN };
    let taken = false;
    try {
      const waiting = { batch: this.#batch, holding: this.#holding, models: this.#models, rests: this.#rests };
      const next = await nextLine(waiting, this.#parts);
      taken = next.type === "line";
      return next;
    } finally {
      if (!taken) this.#places.turnDown();
    }
  }

  /** It was cancelled elsewhere, or another has it. */
  async #whyStopped(): Promise<void> {
    const batch = await this.#parts.book.finalize({ ...this.#holding, at: this.#parts.clock.now() });
    if (batch === undefined) this.leave();
    else this.hear(batch.status);
  }

  #ask(claimed: Claimed): void {
    const asking = this.#asked(claimed).finally(() => {
      this.#asking.delete(asking);
      this.#places.leave();
      this.wake();
    });
    this.#asking.add(asking);
  }

  async #asked({ line, requestId, caller }: Claimed): Promise<void> {
    const { id, endpoint, author } = this.#batch;
    this.#rests.asked(line.model);
    let callOff: (reason: Failure) => void = () => undefined;
    const onCallOff = (then: (reason: Failure) => void) => {
      callOff = then;
      this.#callOffs.add(then);
    };
    const { priority } = this.#parts.settings();
    const answer = await this.#parts.serve({ batch: id, requestId, endpoint, body: line.body, author, caller, priority, onCallOff });
    this.#callOffs.delete(callOff);
    await this.#settle(line, requestId, answer);
  }

  async #settle(line: TakenLine, requestId: string, answer: LineAnswer): Promise<void> {
    const { book, clock } = this.#parts;
    const { number, model, tries } = line;
    const named = { ...line, batch: this.#batch.id };
    if (answer.calledOff) {
      if (answer.sent) await this.#surely(() => book.record({ ...this.#holding, results: [unansweredResult(named, "interrupted")] }));
      else await this.#surely(() => book.putBack({ ...this.#holding, number, tries }));
      return;
    }
    const verdict = verdictOn(answer, { tries, troubles: this.#rests.troubles(model) });
    if (verdict === "over") {
      this.#rests.answered(model);
      await this.#surely(() => book.record({ ...this.#holding, results: [answeredResult(named, requestId, answer)] }));
      return;
    }
    const now = clock.now();
    this.#rests.failed(model, { now, until: now + verdict.rest });
    await this.#surely(() => book.putBack({ ...this.#holding, number, tries: verdict.tries }));
    this.#models.add(model);
  }

  /** Writes down what became of a line, however long the store is away: but for that the line would be lost. */
  async #surely(write: () => Promise<void>): Promise<void> {
    for (;;) {
      try {
        return await write();
      } catch (error) {
        this.#parts.complain("What became of a line of a batch could not be written down.", { batch: this.#batch.id, error });
        if (this.#calledOff !== undefined) return;
        await new Promise<void>((resolve) => this.#parts.timer(AGAIN, resolve));
      }
    }
  }

  /** Until something has happened, or for so long. Milliseconds. */
  #pause(milliseconds: number): Promise<void> {
    if (this.#woken) return Promise.resolve();
    return new Promise((resolve) => {
      const stop = this.#parts.timer(Math.max(0, milliseconds), resolve);
      this.#endPause = () => {
        stop();
        resolve();
      };
    });
  }
}
