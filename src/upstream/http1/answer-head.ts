import type { HeaderView } from "../../vocabulary/dialect.ts";
import { notHttp } from "../trouble.ts";

/** Status line and headers of an answer, and how its body is delimited. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: HeaderView;
  readonly framing: Framing;
  /** May the connection carry another call once the body is over? */
  readonly keep: boolean;
}

/** RFC 9112, section 6.3. `length` 0 stands for no body. */
export type Framing = { readonly by: "length"; readonly length: number } | { readonly by: "chunks" } | { readonly by: "close" };

/** Reads the text between the start of an answer and its blank line, without the latter. Throws `upstream-error` for what is not HTTP/1. */
export function readHead(text: string): AnswerHead {
  const status = STATUS_LINE.exec(text);
  if (status === null) throw notHttp(`it begins with ${JSON.stringify(text.slice(0, 20))}`);
  const malformed = MALFORMED.exec(text);
  if (malformed !== null) throw notHttp(`it has the header line ${JSON.stringify(malformed[1]?.slice(0, 100))}`);
  const headers = new AnswerHeaders(text);
  const code = Number(status[2]);
  const connection = headers.get("connection")?.toLowerCase();
  const framing = framingOf(code, headers);
  const persistent = status[1] === "1" ? connection?.includes("close") !== true : connection?.includes("keep-alive") === true;
  // A length beside chunks is how answers are smuggled: the chunks count, and nothing after them is believed.
  const ambiguous = framing.by === "chunks" && headers.get("content-length") !== null;
  return { status: code, headers, framing, keep: persistent && framing.by !== "close" && !ambiguous };
}

const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?= |\r|$)/;
/** A header line without a name, or with white space before or around it: RFC 9112, section 5, has them refused. */
const MALFORMED = /\r\n((?![!#$%&'*+.^_`|~0-9A-Za-z-]+:).*)/;

function framingOf(status: number, headers: HeaderView): Framing {
  if (status < 200 || status === 204 || status === 304) return NO_BODY;
  const coding = headers.get("transfer-encoding");
  if (coding !== null) {
    if (coding.toLowerCase() !== "chunked") throw notHttp(`its transfer-encoding is ${JSON.stringify(coding.slice(0, 100))}`);
    return { by: "chunks" };
  }
  const length = headers.get("content-length");
  if (length === null) return { by: "close" };
  const lengths = length.split(", ");
  if (lengths.some((each) => each !== lengths[0]) || !/^\d{1,15}$/.test(lengths[0] ?? ""))
    throw notHttp(`its content-length is ${JSON.stringify(length.slice(0, 100))}`);
  return { by: "length", length: Number(lengths[0]) };
}

const NO_BODY: Framing = { by: "length", length: 0 };

/** How a line of a header begins, by its name: asked for are the few that the program names. */
const beginnings = new Map<string, string>();

function beginningOf(name: string): string {
  let beginning = beginnings.get(name);
  if (beginning === undefined) beginnings.set(name, (beginning = `\r\n${name}:`));
  return beginning;
}

/** The lines of a head, searched when somebody asks: of twenty headers five are. */
class AnswerHeaders implements HeaderView {
  readonly #text: string;
  readonly #lower: string;

  constructor(text: string) {
    this.#text = text;
    this.#lower = text.toLowerCase();
  }

  /** The value; of several lines of this name all, with commas between. */
  get(name: string): string | null {
    const start = beginningOf(name);
    let found: string | null = null;
    for (let at = this.#lower.indexOf(start); at >= 0; at = this.#lower.indexOf(start, at + start.length)) {
      const end = this.#text.indexOf("\r\n", at + start.length);
      const value = this.#text.slice(at + start.length, end < 0 ? undefined : end).trim();
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  *[Symbol.iterator](): Iterator<[string, string]> {
    for (const line of this.#text.split("\r\n").slice(1)) {
      const colon = line.indexOf(":");
      if (colon > 0) yield [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }
  }
}
