import type { Bank } from "../store/ledger/bank.ts";
import type { Clock } from "../vocabulary/clock.ts";
import type { Nano } from "../vocabulary/money.ts";
import type { Timer } from "../vocabulary/timer.ts";
import type { Poster } from "./poster.ts";
import type { Purse } from "./purse.ts";
import type { Purses } from "./purses.ts";

/**
 * Of a shared account so many times what a request needs is borrowed with it, as long as there is plenty: the more, the seldomer the database is
 * asked, and the longer callers are served without it.
 */
const AHEAD = 256n;
/** Once we have more than this part of what a shared account has left, what is not held goes back at once: others may need it. */
const SHARE = 8n;
/** Milliseconds until a shared account that had nothing left is asked again: others may have given something back. */
const DRY_FOR = 50;
/** Milliseconds until a database that did not answer is asked again. */
const AWAY_FOR = 1_000;
/** Milliseconds between two signs of life. */
const BEAT_EVERY = 5_000;
/** Without an answer to a sign of life for so long we spend nothing that was lent to us: others may be about to get it. Milliseconds. */
const OURS_FOR = 90_000;
/** A gateway that was silent for so long is given up, and what it was lent goes to others. Milliseconds. */
export const SILENT_FOR = 120_000;
/** A purse nobody used for so long is emptied. Milliseconds. */
const IDLE_FOR = 60_000;

/** Borrowing from the database, and giving back. */
export class Lending {
  readonly #bank: Bank;
  readonly #poster: Pick<Poster, "flush">;
  readonly #clock: Clock;
  readonly #timer: Timer;
  #purses: Purses | undefined;
  #heard: number;
  #stopBeating: () => void = () => undefined;
  #stopped = false;

  constructor({ bank, poster, clock, timer }: { readonly bank: Bank; readonly poster: Pick<Poster, "flush">; readonly clock: Clock; readonly timer: Timer }) {
    this.#bank = bank;
    this.#poster = poster;
    this.#clock = clock;
    this.#timer = timer;
    this.#heard = clock.elapsed();
  }

  /** From now on it looks after these, and says every few seconds that we live. */
  watch(purses: Purses): void {
    this.#purses = purses;
    this.#beat();
    this.#beatLater();
  }

  stop(): void {
    this.#stopped = true;
    this.#stopBeating();
  }

  /** Is what we were lent still ours? */
  isOurs(): boolean {
    return !this.#bank.shared || this.#clock.elapsed() - this.#heard < OURS_FOR;
  }

  /** Has the database lately said that it has not so much for us? */
  isDry(purse: Purse, wanted: Nano): boolean {
    return wanted >= purse.deniedLast && this.#clock.elapsed() < purse.dryUntil;
  }

  /** Asks the database for more, unless it is being asked; whoever is first in line looks again when it has answered. */
  refill(purse: Purse, least: Nano): void {
    if (purse.asking) return;
    purse.asking = true;
    this.#borrow(purse, least).finally(() => {
      purse.asking = false;
      this.#askAnewLater(purse);
      purse.wake();
    });
  }

  /** When the time is over in which there is nothing to be had, whoever is first in line asks anew. */
  #askAnewLater(purse: Purse): void {
    const { dryUntil } = purse;
    const dryFor = dryUntil - this.#clock.elapsed();
    if (dryFor <= 0 || !Number.isFinite(dryFor)) return;
    this.#timer(dryFor, () => {
      // The timer goes by whole milliseconds: it may be early by the clock, and whoever looked then would wait for nothing.
      if (purse.dryUntil === dryUntil) purse.dryUntil = Number.NEGATIVE_INFINITY;
      purse.wake();
    });
  }

  async #borrow(purse: Purse, least: Nano): Promise<void> {
    const { shared } = this.#bank;
    try {
      // What we have spent must be in the books, or it would be lent to us again.
      await this.#poster.flush();
      const { lent, elsewhere } = await this.#bank.lend({
        account: purse.account,
        ceiling: purse.ceiling,
        least,
        most: shared ? least * AHEAD : undefined,
      });
      purse.lent += lent;
      purse.elsewhere = elsewhere;
      purse.away = false;
      purse.deniedLast = least;
      purse.dryUntil = lent > 0n ? Number.NEGATIVE_INFINITY : shared ? this.#clock.elapsed() + DRY_FOR : Number.POSITIVE_INFINITY;
    } catch {
      purse.away = true;
      purse.deniedLast = 0n;
      purse.dryUntil = this.#clock.elapsed() + AWAY_FOR;
    }
  }

  /** Something of the purse was set free. What others may need of an account that has little left goes back at once. */
  freed(purse: Purse): void {
    purse.usedAt = this.#clock.elapsed();
    if (this.#bank.shared && purse.waiting === 0 && purse.free > 0n && purse.reach < purse.lent * SHARE) this.#giveBack(purse);
  }

  /** Gives back all that is not held, and forgets what was known of the account. */
  surrender(purse: Purse): void {
    this.#giveBack(purse);
    purse.dryUntil = Number.NEGATIVE_INFINITY;
    purse.wake();
  }

  #giveBack(purse: Purse): void {
    const amount = purse.surrender();
    if (amount === 0n) return;
    this.#poster
      .flush()
      .then(() => this.#bank.giveBack(purse.account, amount))
      // Where it is not known whether it arrived it stays ours, unused, until we go.
      .catch(() => undefined);
  }

  #beatLater(): void {
    this.#stopBeating = this.#timer(BEAT_EVERY, () => {
      this.#beat().finally(() => {
        if (!this.#stopped) this.#beatLater();
      });
    });
  }

  async #beat(): Promise<void> {
    this.#emptyIdle();
    if (!this.#bank.shared) return;
    const asked = this.#clock.elapsed();
    try {
      const known = await this.#bank.beat();
      if (!known) for (const purse of this.#purses?.all() ?? []) purse.lose();
      this.#heard = asked;
    } catch {
      // Known by its absence.
    }
  }

  /** Purses of budgets whose time is over, and of callers who are gone, hold nothing back and take no room. */
  #emptyIdle(): void {
    const idleSince = this.#clock.elapsed() - IDLE_FOR;
    for (const purse of this.#purses?.all() ?? []) {
      if (purse.held > 0n || purse.waiting > 0 || purse.asking || purse.usedAt > idleSince) continue;
      this.#giveBack(purse);
      this.#purses?.forget(purse);
    }
  }
}
