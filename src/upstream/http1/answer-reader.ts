import { notHttp } from "../trouble.ts";
import { type AnswerHead, readHead } from "./answer-head.ts";

/** Who is told what a connection's bytes say, in this order: head, any number of bodies, end. */
export interface AnswerListener {
  head(head: AnswerHead): void;
  /** A view of the bytes that were fed; not copied. */
  body(bytes: Buffer): void;
  end(): void;
}

/** Bytes. A head with more is not a head, a line of a chunk's length with more is not one. */
const LARGEST_HEAD = 64 * 1024;
const LARGEST_LINE = 4 * 1024;

type State = "head" | "length" | "close" | "chunk-size" | "chunk" | "chunk-end" | "trailer" | "done";

/**
 * Reads one answer (RFC 9112) from bytes cut anywhere. Interim answers (1xx) are passed over. Every method throws `upstream-error`
 * for what breaks the protocol; the connection is then of no more use.
 */
export class AnswerReader {
  readonly #listener: AnswerListener;
  #state: State = "head";
  /** Bytes of a head or line whose end has not come. */
  #pending: Buffer | undefined;
  /** Bytes of the body, or of the current chunk, still to come. */
  #left = 0;
  #trailers = 0;

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  /** Has any byte of the answer come? */
  get begun(): boolean {
    return this.#state !== "head" || this.#pending !== undefined;
  }

  /** Takes the next bytes. Returns false when there are some beyond the answer's end: nobody asked for them. */
  feed(bytes: Buffer): boolean {
    let rest: Buffer | undefined = bytes;
    while (rest !== undefined && rest.length > 0) {
      if (this.#state === "done") return false;
      rest = this.#step(rest);
    }
    return true;
  }

  /** The upstream closed the connection. Returns whether that was the answer's proper end. */
  close(): boolean {
    if (this.#state === "close") this.#finish();
    return this.#state === "done";
  }

  /** Takes what belongs to the current state; the rest is for the next one. */
  #step(bytes: Buffer): Buffer | undefined {
    switch (this.#state) {
      case "head":
        return this.#head(bytes);
      case "close":
        this.#listener.body(bytes);
        return undefined;
      case "length":
      case "chunk":
        return this.#counted(bytes);
      case "chunk-size":
        return this.#line(bytes, (line) => this.#chunkSize(line));
      case "chunk-end":
        return this.#line(bytes, (line) => {
          if (line !== "") throw notHttp("a chunk is longer than it says");
          this.#state = "chunk-size";
        });
      case "trailer":
        return this.#line(bytes, (line) => this.#trailer(line));
      case "done":
        return bytes;
    }
  }

  #head(bytes: Buffer): Buffer | undefined {
    const all = this.#joined(bytes);
    const end = all.indexOf("\r\n\r\n");
    if (end > LARGEST_HEAD || (end < 0 && all.length > LARGEST_HEAD)) throw notHttp("its head is larger than 64 KiB");
    if (end < 0) {
      // Whoever speaks something else is found out by its first bytes, not by its silence.
      if (all.length >= 5 && all.toString("latin1", 0, 5) !== "HTTP/") readHead(all.toString("latin1", 0, 20));
      this.#pending = all;
      return undefined;
    }
    const head = readHead(all.toString("latin1", 0, end));
    const rest = all.subarray(end + 4);
    if (head.status < 200) {
      if (head.status === 101) throw notHttp("it switches protocols, which nobody asked for");
      return rest;
    }
    this.#begin(head);
    return rest;
  }

  #begin(head: AnswerHead): void {
    const { framing } = head;
    this.#left = framing.by === "length" ? framing.length : 0;
    this.#state = framing.by === "chunks" ? "chunk-size" : framing.by;
    this.#listener.head(head);
    if (this.#state === "length" && this.#left === 0) this.#finish();
  }

  #counted(bytes: Buffer): Buffer | undefined {
    const mine = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
    this.#left -= mine.length;
    this.#listener.body(mine);
    if (this.#left === 0) {
      if (this.#state === "length") this.#finish();
      else this.#state = "chunk-end";
    }
    return mine.length < bytes.length ? bytes.subarray(mine.length) : undefined;
  }

  #chunkSize(line: string): void {
    const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line);
    if (size === null) throw notHttp(`a chunk's size is ${JSON.stringify(line.slice(0, 40))}`);
    this.#left = Number.parseInt(size[1] ?? "", 16);
    this.#state = this.#left === 0 ? "trailer" : "chunk";
  }

  /** Trailers say nothing to us. */
  #trailer(line: string): void {
    this.#trailers += line.length;
    if (this.#trailers > LARGEST_HEAD) throw notHttp("its trailers are larger than 64 KiB");
    if (line === "") this.#finish();
  }

  /** Takes a line up to its end and hands it over without it. */
  #line(bytes: Buffer, take: (line: string) => void): Buffer | undefined {
    const all = this.#joined(bytes);
    const end = all.indexOf(LINE_FEED);
    if (end > LARGEST_LINE || (end < 0 && all.length > LARGEST_LINE)) throw notHttp("a line between its chunks is larger than 4 KiB");
    if (end < 0) {
      this.#pending = all;
      return undefined;
    }
    if (all[end - 1] !== CARRIAGE_RETURN) throw notHttp("a line between its chunks ends without a carriage return");
    take(all.toString("latin1", 0, end - 1));
    return all.subarray(end + 1);
  }

  #joined(bytes: Buffer): Buffer {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending === undefined ? bytes : Buffer.concat([pending, bytes]);
  }

  #finish(): void {
    this.#state = "done";
    this.#listener.end();
  }
}

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
