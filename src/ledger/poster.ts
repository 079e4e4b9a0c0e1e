import type { Journal } from "../store/journal/journal.ts";
import type { Bank } from "../store/ledger/bank.ts";
import { lineText, type NumberedLine } from "../store/ledger/journal-line.ts";
import type { Settlement } from "../vocabulary/ledger.ts";
import type { Timer } from "../vocabulary/timer.ts";

/** Where settlements are safe before they are in the books. */
type Lines = Pick<Journal, "append" | "durable" | "forget">;

/** Milliseconds in which settlements gather on their way into the books. */
const EVERY = 200;
/** Milliseconds until a database that did not answer is asked again. */
const AGAIN = 1_000;
/** Settlements in one transaction. */
const BATCH = 2_000;

/**
 * The way of settlements: into the journal at once, where they are safe, and from there into the books, in order and as the database finds
 * time. While it is away they wait, and the journal keeps them should this process end.
 */
export class Poster {
  readonly #lines: Lines;
  readonly #bank: Bank;
  readonly #timer: Timer;
  /** As text: what is kept for so long would drag all it holds through the garbage collector. */
  #waiting: NumberedLine[] = [];
  #last = 0;
  #posted = 0;
  #sending: Promise<void> | undefined;
  #scheduled = false;
  #trouble: string | undefined;
  /** Requests under way that have a line, and its number: the journal keeps those. */
  readonly #open = new Map<string, number>();

  constructor({ lines, bank, timer }: { readonly lines: Lines; readonly bank: Bank; readonly timer: Timer }) {
    this.#lines = lines;
    this.#bank = bank;
    this.#timer = timer;
  }

  /** Settlements that are not in the books yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Why they are not. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Notes how a request would be settled if all ended now. */
  note(settlement: Settlement): void {
    this.#last = this.#lines.append(lineText({ final: false, settlement }));
    this.#open.set(settlement.requestId, this.#last);
  }

  /** Settles a request for good: durable when the promise settles. */
  settle(settlement: Settlement): Promise<void> {
    const text = lineText({ final: true, settlement });
    this.#last = this.#lines.append(text);
    this.#open.delete(settlement.requestId);
    this.#waiting.push({ number: this.#last, text });
    this.#soon(EVERY);
    return this.#lines.durable();
  }

  /** Everything settled so far is in the books when it settles. Rejects when the database is away. */
  async flush(): Promise<void> {
    while (this.#sending !== undefined || this.#waiting.length > 0) await (this.#sending ?? this.#send());
  }

  #soon(milliseconds: number): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#timer(milliseconds, () => {
      this.#scheduled = false;
      if (this.#sending === undefined && this.#waiting.length > 0) this.#send().catch(() => undefined);
    });
  }

  /** One batch. What cannot be entered stays first in line. */
  #send(): Promise<void> {
    const batch = this.#waiting.slice(0, BATCH);
    const upTo = batch.length === this.#waiting.length ? this.#last : (batch.at(-1)?.number ?? 0);
    this.#sending = this.#post(batch, upTo).finally(() => {
      this.#sending = undefined;
      if (this.#waiting.length > 0) this.#soon(this.#trouble === undefined ? EVERY : AGAIN);
    });
    return this.#sending;
  }

  async #post(batch: readonly NumberedLine[], upTo: number): Promise<void> {
    try {
      await this.#bank.post(batch, upTo);
    } catch (error) {
      this.#trouble = error instanceof Error ? error.message : String(error);
      throw error;
    }
    this.#trouble = undefined;
    this.#waiting = this.#waiting.slice(batch.length);
    this.#posted = upTo;
    this.#lines.forget(Math.min(this.#posted, ...[...this.#open.values()].map((line) => line - 1)));
  }
}
