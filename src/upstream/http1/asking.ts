import type { Cancellation } from "../../vocabulary/cancellation.ts";
import type { Connection } from "./connection.ts";
import type { UpstreamReply } from "./reply.ts";

/** A body too long to be held in memory. It is read anew for every try. */
export interface ReplayableBody {
  /** Bytes. */
  readonly size: number;
  /** All of them, from the beginning; read no faster than they can be sent. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** Who makes a call, and is told how it goes. */
export interface CallListener {
  /** May it be put to a new connection, when its kept one closed before a byte of answer? Without a word it may. */
  again?(): boolean;
  /** All of it has gone out: an upstream that is called off after that may have read it. */
  sent?(): void;
  /** The upstream has nothing to do with it any more: it has answered, or hung up after the call was called off. Told once. */
  over?(): void;
}

/** A call on its way: what to send, who waits for the answer, and how it is called off. */
export class Asking {
  /** Head and body; the head alone where the body is not held in memory. */
  readonly text: string;
  /** The bytes that makes. */
  readonly size: number;
  /** What follows the text. */
  readonly body: ReplayableBody | undefined;
  /** Milliseconds until a connection must stand. */
  readonly connectWithin: number;
  readonly resolve: (answer: UpstreamReply) => void;
  readonly reject: (reason: unknown) => void;
  /** Called off before it was answered. */
  calledOff = false;
  #listener: CallListener | undefined;
  /** What carries it now. */
  connection: Connection | undefined;

  constructor(
    message: {
      readonly text: string;
      readonly size: number;
      readonly body?: ReplayableBody;
      readonly connectWithin: number;
      readonly cancellation: Cancellation;
      readonly listener?: CallListener;
    },
    resolve: (answer: UpstreamReply) => void,
    reject: (reason: unknown) => void,
  ) {
    this.text = message.text;
    this.size = message.size;
    this.body = message.body;
    this.connectWithin = message.connectWithin;
    this.resolve = resolve;
    this.reject = reject;
    this.#listener = message.listener;
    message.cancellation.onCancel((reason) => {
      this.calledOff = true;
      if (this.connection === undefined) this.fail(reason);
      else this.connection.drop(reason);
    });
  }

  again(): boolean {
    return this.#listener?.again?.() ?? true;
  }

  sent(): void {
    this.#listener?.sent?.();
  }

  /** It never came to a connection. */
  fail(reason: unknown): void {
    this.reject(reason);
    this.end();
  }

  /** The upstream has nothing to do with it any more. */
  end(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.over?.();
  }
}
