import { Failure } from "../../vocabulary/failure.ts";

/** Bytes as they come; `undefined` at their end. One reader at a time. Rejects with what cut them short. */
export interface ByteSource {
  next(): Promise<Buffer | undefined>;
}

/** Whose bytes a body holds. */
export interface Sender {
  /** Told when it should wait, and when to go on. */
  hold(body: Body, held: boolean): void;
}

/** Bytes waiting to be read before the sender is held up. */
const ENOUGH = 256 * 1024;

/** Where a connection leaves the bytes of a body until they are read; holds the connection up when nobody does. */
export class Body implements ByteSource {
  readonly #sender: Sender;
  #chunks: Buffer[] = [];
  #size = 0;
  #held = false;
  #over = false;
  #failure: Error | undefined;
  #waiting: { resolve(bytes: Buffer | undefined): void; reject(reason: Error): void } | undefined;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  put(bytes: Buffer): void {
    const waiting = this.#waiting;
    if (waiting !== undefined) {
      this.#waiting = undefined;
      waiting.resolve(bytes);
      return;
    }
    this.#chunks.push(bytes);
    this.#size += bytes.length;
    if (this.#size > ENOUGH && !this.#held) this.#setHeld(true);
  }

  end(): void {
    this.#over = true;
    this.#waiting?.resolve(undefined);
    this.#waiting = undefined;
  }

  /** What came before is still read, then this is thrown. */
  fail(reason: Error): void {
    if (this.#over) return;
    this.#failure = reason;
    this.#waiting?.reject(reason);
    this.#waiting = undefined;
  }

  next(): Promise<Buffer | undefined> {
    const bytes = this.#take();
    if (bytes !== undefined || this.#over) return Promise.resolve(bytes);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  /** All of it, when all of it is here. */
  whole(): Buffer | undefined {
    return this.#over ? (this.#take() ?? Buffer.alloc(0)) : undefined;
  }

  #take(): Buffer | undefined {
    if (this.#chunks.length === 0) return undefined;
    const only = this.#chunks.length === 1 ? this.#chunks[0] : undefined;
    const all = only ?? Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#size = 0;
    if (this.#held) this.#setHeld(false);
    return all;
  }

  #setHeld(held: boolean): void {
    this.#held = held;
    this.#sender.hold(this, held);
  }
}

/** Everything a source has, as text, up to so many bytes. Rejects with `upstream-error` past them. */
export async function textOf(source: ByteSource, most: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for (let bytes = await source.next(); bytes !== undefined; bytes = await source.next()) {
    size += bytes.length;
    if (size > most) throw new Failure("upstream-error", `The upstream's answer is larger than ${Math.floor(most / 1024 / 1024)} MiB.`);
    chunks.push(bytes);
  }
  return utf8(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
}

/** Bytes as text, without a byte order mark. */
export function utf8(bytes: Buffer): string {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.toString("utf8", 3) : bytes.toString("utf8");
}
