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

const ALWAYS = () => true;

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
  /** May it be put to a new connection, when its kept one closes before a byte of answer? */
  readonly again: () => boolean;
  /** Told when all of it has gone out. */
  readonly sent: (() => void) | undefined;
  readonly resolve: (answer: UpstreamReply) => void;
  readonly reject: (reason: unknown) => void;
  /** Called off before it was answered. */
  calledOff = false;
  #over: (() => void) | undefined;
  /** What carries it now. */
  connection: Connection | undefined;

  constructor(
    message: {
      readonly text: string;
      readonly size: number;
      readonly body?: ReplayableBody;
      readonly connectWithin: number;
      readonly cancellation: Cancellation;
      readonly again?: () => boolean;
      readonly sent?: () => void;
      readonly over?: () => void;
    },
    resolve: (answer: UpstreamReply) => void,
    reject: (reason: unknown) => void,
  ) {
    this.text = message.text;
    this.size = message.size;
    this.body = message.body;
    this.connectWithin = message.connectWithin;
    this.again = message.again ?? ALWAYS;
    this.sent = message.sent;
    this.resolve = resolve;
    this.reject = reject;
    this.#over = message.over;
    message.cancellation.onCancel((reason) => {
      this.calledOff = true;
      if (this.connection === undefined) this.fail(reason);
      else this.connection.drop(reason);
    });
  }

  /** It never came to a connection. */
  fail(reason: unknown): void {
    this.reject(reason);
    this.end();
  }

  /** The upstream has nothing to do with it any more. */
  end(): void {
    this.#over?.();
    this.#over = undefined;
  }
}
