import type { Address } from "./address.ts";
import type { Asking } from "./asking.ts";
import { Connection, type ConnectionOwner } from "./connection.ts";
import { dial } from "./dial.ts";

/** More free connections than this are not kept. */
const MOST_FREE = 1024;
/** Free connections are looked through this often. Milliseconds. */
const SWEEP = 5_000;

/** One upstream's connections. The one used last is used next, so that the others grow old and go. */
export class Origin implements ConnectionOwner {
  readonly address: Address;
  readonly #ca: string | undefined;
  readonly #free: Connection[] = [];
  #sweeper: ReturnType<typeof setInterval> | undefined;

  constructor(address: Address, ca?: string) {
    this.address = address;
    this.#ca = ca;
  }

  /** Puts a call to a free connection, or to a new one. */
  ask(asking: Asking): void {
    const free = this.#free.pop();
    if (free === undefined) this.#open(asking);
    else if (free.freeUntil > performance.now()) free.ask(asking);
    else {
      free.close();
      this.ask(asking);
    }
  }

  again(asking: Asking): void {
    this.#open(asking);
  }

  free(connection: Connection): void {
    if (this.#free.length >= MOST_FREE) {
      connection.close();
      return;
    }
    this.#free.push(connection);
    this.#sweeper ??= this.#sweep();
  }

  gone(connection: Connection): void {
    const index = this.#free.lastIndexOf(connection);
    if (index >= 0) this.#free.splice(index, 1);
  }

  #open(asking: Asking): void {
    dial(this.address, asking.connectWithin, this.#ca).then(
      (line) => {
        const connection = new Connection(line, this);
        if (!asking.calledOff) connection.ask(asking);
        else connection.close();
      },
      (error) => asking.fail(error),
    );
  }

  #sweep(): ReturnType<typeof setInterval> {
    const timer = setInterval(() => {
      const now = performance.now();
      for (const connection of this.#free.filter((each) => each.freeUntil <= now)) {
        this.gone(connection);
        connection.close();
      }
      if (this.#free.length > 0) return;
      clearInterval(timer);
      this.#sweeper = undefined;
    }, SWEEP);
    timer.unref();
    return timer;
  }
}
