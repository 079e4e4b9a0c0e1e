import type { Cancellation } from "../../vocabulary/cancellation.ts";
import type { Connection } from "./connection.ts";
import type { UpstreamReply } from "./reply.ts";

/** A call on its way: what to send, who waits for the answer, and how it is called off. */
export class Asking {
  /** Head and body. */
  readonly text: string;
  /** The bytes that makes. */
  readonly size: number;
  /** Milliseconds until a connection must stand. */
  readonly connectWithin: number;
  readonly resolve: (answer: UpstreamReply) => void;
  readonly reject: (reason: unknown) => void;
  /** Called off before it was answered. */
  calledOff = false;
  /** What carries it now. */
  connection: Connection | undefined;

  constructor(
    message: { readonly text: string; readonly size: number; readonly connectWithin: number; readonly cancellation: Cancellation },
    resolve: (answer: UpstreamReply) => void,
    reject: (reason: unknown) => void,
  ) {
    this.text = message.text;
    this.size = message.size;
    this.connectWithin = message.connectWithin;
    this.resolve = resolve;
    this.reject = reject;
    message.cancellation.onCancel((reason) => {
      this.calledOff = true;
      if (this.connection === undefined) reject(reason);
      else this.connection.drop(reason);
    });
  }
}
