import { NetworkTrouble } from "../trouble.ts";
import type { AnswerHead } from "./answer-head.ts";
import { type AnswerListener, AnswerReader } from "./answer-reader.ts";
import type { Asking, ReplayableBody } from "./asking.ts";
import { Body, type Sender } from "./body.ts";
import type { Line, SocketListener } from "./dial.ts";
import { Reply } from "./reply.ts";

/** What a connection tells the origin it belongs to. */
export interface ConnectionOwner {
  /** It has carried a call to its end and can carry another. */
  free(connection: Connection): void;
  /** It closed while nobody used it. */
  gone(connection: Connection): void;
  /** It turned out to be closed before the call had any effect that shows: put the call to a new one. */
  again(asking: Asking): void;
}

/** One connection and the one call it carries at a time. */
export class Connection implements SocketListener, AnswerListener, Sender {
  readonly #line: Line;
  readonly #owner: ConnectionOwner;
  #asking: Asking | undefined;
  #reader: AnswerReader | undefined;
  #body: Body | undefined;
  #unsent: Buffer | undefined;
  /** Bytes of a body that is read as it is sent, not yet given to the socket. */
  #unpoured = 0;
  #onRoom: (() => void) | undefined;
  #keep = false;
  #held = false;
  #answers = 0;
  #dropped: Asking | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;
  /** When it must not be used any more, in milliseconds of `performance.now()`; meaningful while it is free. */
  freeUntil = 0;

  constructor(line: Line, owner: ConnectionOwner) {
    this.#line = line;
    this.#owner = owner;
    line.data.listener = this;
  }

  /** Puts a call to the upstream. */
  ask(asking: Asking): void {
    this.#asking = asking;
    this.#reader = new AnswerReader(this);
    this.#body = undefined;
    asking.connection = this;
    const written = Math.max(0, this.#line.write(asking.text));
    if (written < asking.size) this.#unsent = Buffer.from(asking.text).subarray(written);
    if (asking.body !== undefined) this.#pour(asking, asking.body);
    else if (this.#unsent === undefined) asking.sent();
  }

  /**
   * Nobody wants the answer any more. The upstream is told so by closing our side, and given a moment to close its own: then it is known
   * to work on it no longer.
   */
  drop(reason: Error): void {
    const dropped = this.#asking;
    this.#let(reason);
    if (dropped === undefined) return;
    this.#dropped = dropped;
    if (this.#held) this.#setHeld(false);
    this.#line.shutdown();
    this.#patience = setTimeout(() => this.#line.terminate(), PATIENCE);
  }

  /** Closes it while it is free. */
  close(): void {
    this.#line.end();
  }

  received(bytes: Buffer): void {
    if (this.#dropped !== undefined) return;
    const reader = this.#reader;
    // Words nobody asked for: whatever they are, the next answer could not be told from them.
    if (reader === undefined) {
      this.#line.terminate();
      return;
    }
    try {
      const clean = reader.feed(bytes);
      if (this.#reader === undefined) this.#rest(clean);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  drained(): void {
    const unsent = this.#unsent;
    if (unsent === undefined) return;
    const written = Math.max(0, this.#line.write(unsent));
    this.#unsent = written < unsent.length ? unsent.subarray(written) : undefined;
    if (this.#unsent !== undefined) return;
    this.#onRoom?.();
    if (this.#unpoured === 0) this.#asking?.sent();
  }

  closed(error: Error | undefined): void {
    if (this.#dropped !== undefined) {
      clearTimeout(this.#patience);
      this.#dropped.end();
      return;
    }
    const asking = this.#asking;
    if (asking === undefined) {
      this.#owner.gone(this);
      return;
    }
    const reader = this.#reader;
    if (reader?.close() === true) return;
    const stale = this.#answers > 0 && reader?.begun === false;
    if (stale && asking.again()) {
      this.#asking = undefined;
      this.#onRoom?.();
      asking.connection = undefined;
      this.#owner.again(asking);
      return;
    }
    this.#fail(error ?? new NetworkTrouble("ECONNRESET", reader?.begun === true ? "it closed in the middle of its answer" : "it closed without an answer"));
  }

  head(head: AnswerHead): void {
    this.#keep = head.keep;
    this.#answers++;
    this.freeUntil = keptFor(head.headers.get("keep-alive"));
    const body = new Body(this);
    this.#body = body;
    this.#asking?.resolve(new Reply(head, body));
  }

  body(bytes: Buffer): void {
    this.#body?.put(bytes);
  }

  hold(body: Body, held: boolean): void {
    // A body that is whole is read without us.
    if (body === this.#body) this.#setHeld(held);
  }

  end(): void {
    const body = this.#body;
    this.#body = undefined;
    this.#reader = undefined;
    const asking = this.#asking;
    if (asking !== undefined) asking.connection = undefined;
    this.#asking = undefined;
    this.#onRoom?.();
    body?.end();
    asking?.end();
  }

  /** Sends the rest of a call whose body is read as it is sent, no faster than the upstream takes it, until it is answered or over. */
  async #pour(asking: Asking, body: ReplayableBody): Promise<void> {
    this.#unpoured = body.size;
    try {
      for await (const bytes of body.chunks()) {
        while (this.#unsent !== undefined && this.#asking === asking) await this.#room();
        if (this.#asking !== asking) return;
        this.#unpoured -= bytes.length;
        if (this.#unpoured < 0) break;
        const written = Math.max(0, this.#line.write(bytes));
        if (written < bytes.length) this.#unsent = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(written);
      }
      if (this.#unpoured !== 0) throw new RangeError("The body of a call is not as long as it was said to be.");
      if (this.#unsent === undefined) asking.sent();
    } catch (error) {
      if (this.#asking === asking) this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** Resolves once everything given to the socket has been taken, or nobody wants it any more. */
  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#onRoom = () => {
        this.#onRoom = undefined;
        resolve();
      };
    });
  }

  /** The answer is whole: what becomes of the connection? */
  #rest(clean: boolean): void {
    if (!this.#keep || !clean || this.#unsent !== undefined || this.#unpoured > 0) {
      this.#line.end();
      return;
    }
    if (this.#held) this.#setHeld(false);
    this.freeUntil += performance.now();
    this.#owner.free(this);
  }

  #setHeld(held: boolean): void {
    this.#held = held;
    if (held) this.#line.pause();
    else this.#line.resume();
  }

  #fail(reason: Error): void {
    const asking = this.#asking;
    this.#let(reason);
    this.#line.terminate();
    asking?.end();
  }

  /** Whoever waits for the answer is told why there is none. */
  #let(reason: Error): void {
    const asking = this.#asking;
    const body = this.#body;
    this.#asking = undefined;
    this.#reader = undefined;
    this.#body = undefined;
    this.#unsent = undefined;
    this.#onRoom?.();
    if (asking === undefined) return;
    asking.connection = undefined;
    body?.fail(reason);
    asking.reject(reason);
  }
}

/** How long an upstream may take to hang up when its answer is not wanted any more. Milliseconds. */
const PATIENCE = 500;

/** How long a connection is kept when the upstream says nothing, and at most. Milliseconds. */
const KEPT_FOR = 60_000;

/** `keep-alive: timeout=5` is what the upstream grants; a second less is what can be relied on. */
function keptFor(header: string | null): number {
  const seconds = /timeout=(\d+)/.exec(header ?? "")?.[1];
  return seconds === undefined ? KEPT_FOR : Math.min(KEPT_FOR, Math.max(0, Number(seconds) - 1) * 1000);
}
