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
  const lines = text.split("\r\n");
  const status = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(lines[0] ?? "");
  if (status === null) throw notHttp(`it begins with ${JSON.stringify(text.slice(0, 20))}`);
  const headers = new AnswerHeaders(lines);
  const code = Number(status[2]);
  const tokens = (headers.get("connection") ?? "").toLowerCase();
  const framing = framingOf(code, headers);
  const persistent = status[1] === "1" ? !tokens.includes("close") : tokens.includes("keep-alive");
  // A length beside chunks is how answers are smuggled: the chunks count, and nothing after them is believed.
  const ambiguous = framing.by === "chunks" && headers.get("content-length") !== null;
  return { status: code, headers, framing, keep: persistent && framing.by !== "close" && !ambiguous };
}

function framingOf(status: number, headers: AnswerHeaders): Framing {
  if (status < 200 || status === 204 || status === 304) return NO_BODY;
  const coding = headers.get("transfer-encoding");
  if (coding !== null) {
    if (coding.trim().toLowerCase() !== "chunked") throw notHttp(`its transfer-encoding is ${JSON.stringify(coding.slice(0, 100))}`);
    return { by: "chunks" };
  }
  const length = headers.get("content-length");
  if (length === null) return { by: "close" };
  const lengths = length.split(",").map((each) => each.trim());
  if (lengths.some((each) => each !== lengths[0]) || !/^\d{1,15}$/.test(lengths[0] ?? ""))
    throw notHttp(`its content-length is ${JSON.stringify(length.slice(0, 100))}`);
  return { by: "length", length: Number(lengths[0]) };
}

const NO_BODY: Framing = { by: "length", length: 0 };

/** The lines of a head, looked up as they are asked for: of twenty headers three are read. */
class AnswerHeaders implements HeaderView {
  readonly #fields = new Map<string, string>();

  constructor(lines: readonly string[]) {
    for (let index = 1; index < lines.length; index++) {
      const line = lines[index] ?? "";
      const colon = line.indexOf(":");
      if (colon <= 0 || FOLDED.test(line)) throw notHttp(`it has the header line ${JSON.stringify(line.slice(0, 100))}`);
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      const before = this.#fields.get(name);
      this.#fields.set(name, before === undefined ? value : `${before}, ${value}`);
    }
  }

  get(name: string): string | null {
    return this.#fields.get(name) ?? null;
  }
}

/** A line that continues the one before, or white space around a name: both are refused by RFC 9112, section 5. */
const FOLDED = /^[ \t]|^[^:]*[ \t]:/;
