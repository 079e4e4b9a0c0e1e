import { type Failure, invalidRequest } from "../../vocabulary/failure.ts";
import { type PartHead, readPartHead } from "./part-head.ts";

/** A field's value, and where it stands in the body. */
export interface FoundField {
  readonly name: string;
  readonly value: string;
  /** Bytes from the body's beginning; `end` is the position after it. */
  readonly start: number;
  readonly end: number;
}

/** A file's name, as far as its client gives one, and where it stands in the body. */
export interface FoundFile extends Omit<FoundField, "value"> {
  readonly filename: string;
}

/** What was looked for in a form that is whole. */
export interface ScannedForm {
  /** In the order of the body; one that stands twice is found twice. */
  readonly fields: readonly FoundField[];
  readonly files: readonly FoundFile[];
  /** Where the first part begins: another can be put in before it. Bytes. */
  readonly start: number;
}

/** Bytes. Nobody names a file, or a model, at more length. */
const LARGEST_HEAD = 16 * 1024;
const LARGEST_VALUE = 4 * 1024;
/** A form of more parts is an attack on whoever reads it. */
const MOST_PARTS = 1000;

/** The boundary that a content type names. Throws `invalid-request` when it names none that could be one. */
export function boundaryOf(contentType: string): string {
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\\]*)"|([^\s;,"]+))/i.exec(contentType) ?? [];
  const boundary = quoted ?? plain ?? "";
  if (!/^[\x20-\x7e]{0,199}[\x21-\x7e]$/.test(boundary))
    throw invalidRequest("", "The content-type multipart/form-data names no usable boundary. Let your HTTP library set this header.");
  return boundary;
}

/** The content type of a form with this boundary, and with nothing else that one reader may see and the next not. */
export function formType(boundary: string): string {
  return `multipart/form-data; boundary=${/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(boundary) ? boundary : `"${boundary}"`}`;
}

type State = "start" | "boundary" | "head" | "content" | "end";

/**
 * Reads multipart/form-data (RFC 7578, RFC 2046 section 5.1.1) from bytes cut anywhere, and keeps no more of it than the fields that
 * are wanted. Every method throws `invalid-request` for a body that is not what it says, or that two readers could understand differently.
 */
export class FormScanner {
  readonly #wanted: ReadonlySet<string>;
  readonly #delimiter: Buffer;
  readonly #fields: FoundField[] = [];
  readonly #files: FoundFile[] = [];
  #state: State = "start";
  /** Bytes not understood yet, and where they stand in the body. */
  #pending: Buffer = Buffer.alloc(0);
  #at = 0;
  #first = 0;
  #parts = 0;
  /** The part being read, when it is wanted: its beginning, and its content so far. */
  #part: { readonly name: string; readonly start: number; readonly content: Buffer[] } | undefined;
  /** The file being passed over, if it is one. */
  #file: { readonly name: string; readonly filename: string; readonly start: number } | undefined;

  constructor(boundary: string, wanted: ReadonlySet<string>) {
    this.#wanted = wanted;
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
  }

  /** Takes the next bytes. */
  feed(bytes: Uint8Array): void {
    this.#pending = this.#pending.length === 0 ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : Buffer.concat([this.#pending, bytes]);
    while (this.#step());
    // What waits for its rest must not be the network's buffer, which is used again.
    if (this.#pending.length > 0) this.#pending = Buffer.from(this.#pending);
  }

  /** There are no more bytes. */
  end(): ScannedForm {
    if (this.#state !== "end") throw malformed("it ends before its last boundary. Send all of it");
    return { fields: this.#fields, files: this.#files, start: this.#first };
  }

  /** Takes what belongs to the current state; false while that is not there. */
  #step(): boolean {
    switch (this.#state) {
      case "start":
        return this.#start();
      case "boundary":
        return this.#boundary();
      case "head":
        return this.#head();
      case "content":
        return this.#content();
      case "end":
        // A line end may follow the last boundary. More would be a form for somebody else to read.
        if (this.#pending.some((byte) => byte !== 13 && byte !== 10)) throw malformed("it goes on after its last boundary");
        this.#take(this.#pending.length);
        return false;
    }
  }

  /** The first boundary; the line end that belongs to the others is not asked of it, and is forgiven. */
  #start(): boolean {
    const bare = this.#delimiter.length - 2;
    if (this.#pending.length >= 2 && this.#pending[0] === 13 && this.#pending[1] === 10) {
      if (this.#at >= LARGEST_HEAD) throw malformed("it does not begin with its boundary");
      this.#take(2);
      return true;
    }
    if (this.#pending.length < bare) return false;
    if (this.#pending.compare(this.#delimiter, 2, undefined, 0, bare) !== 0)
      throw malformed("it does not begin with the boundary that its content-type names. Let your HTTP library set this header");
    this.#first = this.#at;
    this.#take(bare);
    this.#state = "boundary";
    return true;
  }

  /** After a boundary: a line end and a part, or two dashes and the end. */
  #boundary(): boolean {
    if (this.#pending.length < 2) return false;
    const end = this.#pending.toString("latin1", 0, 2);
    if (end !== "\r\n" && end !== "--") throw malformed("something stands behind a boundary in its line");
    this.#take(2);
    this.#state = end === "--" ? "end" : "head";
    return true;
  }

  #head(): boolean {
    const end = this.#pending.indexOf("\r\n\r\n");
    if (end > LARGEST_HEAD || (end < 0 && this.#pending.length > LARGEST_HEAD)) throw malformed("the head of a part is larger than 16 KiB");
    if (end < 0) return false;
    if (++this.#parts > MOST_PARTS) throw malformed(`it has more than ${MOST_PARTS} parts`);
    const head = readPartHead(this.#pending.toString("utf8", 0, end));
    this.#take(end + 4);
    if (head.file && !head.encoded) this.#file = { name: head.name, filename: head.filename ?? "", start: this.#at };
    if (this.#wanted.has(head.name)) this.#part = { name: valueName(head), start: this.#at, content: [] };
    this.#state = "content";
    return true;
  }

  #content(): boolean {
    const found = this.#pending.indexOf(this.#delimiter);
    // The end of what is here may be the beginning of a boundary.
    const length = found >= 0 ? found : Math.max(0, this.#pending.length - this.#delimiter.length + 1);
    this.#part?.content.push(Buffer.from(this.#pending.subarray(0, length)));
    if (this.#part !== undefined && this.#at + length - this.#part.start > LARGEST_VALUE)
      throw invalidRequest(this.#part.name, `${this.#part.name} is longer than 4 KiB.`);
    this.#take(length);
    if (found < 0) return false;
    if (this.#part !== undefined) {
      const { name, start, content } = this.#part;
      this.#fields.push({ name, value: Buffer.concat(content).toString("utf8"), start, end: this.#at });
      this.#part = undefined;
    }
    if (this.#file !== undefined) this.#files.push({ ...this.#file, end: this.#at });
    this.#file = undefined;
    this.#take(this.#delimiter.length);
    this.#state = "boundary";
    return true;
  }

  #take(length: number): void {
    this.#pending = this.#pending.subarray(length);
    this.#at += length;
  }
}

/** The name of a part that must be a plain value, because we read and change it. */
function valueName({ name, file, encoded }: PartHead): string {
  if (file || encoded)
    throw invalidRequest(name, `${name} must be a plain text field of the form${file ? ", not a file" : ", without a content-transfer-encoding"}.`);
  return name;
}

function malformed(what: string): Failure {
  return invalidRequest("", `The request body is not valid multipart/form-data: ${what}.`);
}
