import type { Frame } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";

/** Bytes in, frames out, however the network cut them. */
export interface FrameReader {
  /** The frames that are complete with this chunk. */
  feed(chunk: Uint8Array): Frame[];
  /** What was left when the upstream closed: a frame whose blank line is missing still counts. */
  flush(): Frame[];
}

/** A frame larger than this is not a frame but an accident. Bytes. */
const LARGEST_FRAME = 64 * 1024 * 1024;
const LF = 10;
const CR = 13;

/**
 * Server-sent events (WHATWG HTML, section 9.2): line ends `\n`, `\r\n` or `\r`, multi-line data, a leading BOM. Frames without data,
 * which are comments, come with `data: ""`. Throws `upstream-error` for a frame that never ends.
 */
export function sseReader(): FrameReader {
  const pending = new Pending();
  return {
    feed(chunk) {
      const bytes = pending.with(chunk);
      if (bytes === undefined) return [];
      const frames: Frame[] = [];
      const plain = bytes.indexOf(CR) < 0;
      let from = 0;
      for (;;) {
        const end = frameEnd(bytes, from, plain);
        if (end < 0) break;
        const raw = bytes.subarray(from, end);
        from = end;
        frames.push(sseFrame(raw));
      }
      pending.keep(bytes.subarray(from));
      return frames;
    },
    flush() {
      const rest = pending.take();
      if (rest.toString("utf8").trim() === "") return [];
      return [sseFrame(Buffer.concat([rest, Buffer.from("\n\n")]))];
    },
  };
}

/** Newline-delimited JSON: every line that is not blank is a frame. */
export function ndjsonReader(): FrameReader {
  const pending = new Pending();
  const frameOf = (raw: Buffer): Frame[] => {
    const data = raw.toString("utf8").trim();
    return data === "" ? [] : [{ event: "", data, raw }];
  };
  return {
    feed(chunk) {
      const bytes = pending.with(chunk);
      if (bytes === undefined) return [];
      const frames: Frame[] = [];
      let from = 0;
      for (let end = bytes.indexOf(LF); end >= 0; end = bytes.indexOf(LF, from)) {
        frames.push(...frameOf(bytes.subarray(from, end + 1)));
        from = end + 1;
      }
      pending.keep(bytes.subarray(from));
      return frames;
    },
    flush: () => frameOf(pending.take()),
  };
}

/** The beginning of a frame whose end has not come. Joined only when a line ends, so that a frame in many pieces costs its length, not its square. */
class Pending {
  #pieces: Buffer[] = [];
  #size = 0;

  /** What is pending and this chunk as one, or `undefined` while no frame can be complete. */
  with(chunk: Uint8Array): Buffer | undefined {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const last = this.#pieces.at(-1);
    if (last === undefined) return bytes;
    if (this.#size + bytes.length > LARGEST_FRAME) throw new Failure("upstream-error", "A frame of the upstream's stream is larger than 64 MiB.");
    this.keep(bytes);
    const ends = bytes.includes(LF) || bytes.includes(CR) || last.at(-1) === CR;
    return ends ? this.take() : undefined;
  }

  keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#size += bytes.length;
  }

  take(): Buffer {
    const only = this.#pieces.length === 1 ? this.#pieces[0] : undefined;
    const all = only ?? Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#size = 0;
    return all;
  }
}

/** The position after the blank line that ends the frame starting at `from`; -1 while it has not come. `plain`: there is no `\r` anywhere. */
function frameEnd(bytes: Buffer, from: number, plain: boolean): number {
  let at = from;
  for (;;) {
    const lineEnd = plain ? bytes.indexOf(LF, at) + 1 || -1 : endOfLine(bytes, at);
    if (lineEnd < 0) return -1;
    const next = bytes[lineEnd];
    if (next === LF) return lineEnd + 1;
    if (next === CR) {
      // A `\r` may be half of `\r\n`: wait for the next byte, unless this stream ends its lines with `\r` alone.
      if (lineEnd + 1 < bytes.length) return bytes[lineEnd + 1] === LF ? lineEnd + 2 : lineEnd + 1;
      return bytes[lineEnd - 1] === CR ? lineEnd + 1 : -1;
    }
    at = lineEnd;
  }
}

/** The position after the line end that follows `at`; -1 when there is none. */
function endOfLine(bytes: Buffer, at: number): number {
  const lf = bytes.indexOf(LF, at);
  const cr = bytes.indexOf(CR, at);
  if (cr >= 0 && (lf < 0 || cr < lf)) return lf === cr + 1 ? lf + 1 : cr + 1;
  return lf < 0 ? -1 : lf + 1;
}

function sseFrame(raw: Buffer): Frame {
  const text = raw.toString("utf8");
  // The common frame is one `data: ` line.
  if (text.startsWith("data: ") && text.indexOf("\n") === text.length - 2 && !text.includes("\r")) return { event: "", data: text.slice(6, -2), raw };
  let event = "";
  let data: string | undefined;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    if (name !== "data" && name !== "event") continue;
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "event") event = value;
    else data = data === undefined ? value : `${data}\n${value}`;
  }
  return { event, data: data ?? "", raw };
}
