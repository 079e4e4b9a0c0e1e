/**
 * HTTP/1.1 by hand, as little of it as a fake upstream needs: a real server library would refuse to send most of the
 * broken things the fake has to send, and could not cut a connection in the middle of a byte sequence.
 */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly target: string;
  /** Names in lower case; a repeated header is joined with ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** The exact bytes, chunked framing removed. */
  readonly body: Uint8Array;
}

interface Head {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string>;
  /** Bytes of the head, blank line included. */
  readonly size: number;
}

/** Feed it what arrives on a connection; it calls `onRequest` once per whole request, pipelined ones included. */
export function requestReader(onRequest: (request: ReceivedRequest) => void): (bytes: Uint8Array) => void {
  let waiting: Buffer = Buffer.alloc(0);
  return (bytes) => {
    waiting = Buffer.concat([waiting, bytes]);
    for (;;) {
      const head = readHead(waiting);
      if (!head) return;
      const body = readBody(waiting.subarray(head.size), head.headers);
      if (!body) return;
      waiting = waiting.subarray(head.size + body.size);
      onRequest({ method: head.method, target: head.target, headers: head.headers, body: body.bytes });
    }
  };
}

function readHead(bytes: Buffer): Head | undefined {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const [requestLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const [method = "", target = ""] = requestLine.split(" ");
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return { method, target, headers, size: end + 4 };
}

function readBody(bytes: Buffer, headers: Record<string, string>): { bytes: Uint8Array; size: number } | undefined {
  if (headers["transfer-encoding"]?.includes("chunked")) return readChunks(bytes);
  const length = Number(headers["content-length"] ?? 0);
  return bytes.length < length ? undefined : { bytes: new Uint8Array(bytes.subarray(0, length)), size: length };
}

function readChunks(bytes: Buffer): { bytes: Uint8Array; size: number } | undefined {
  const parts: Uint8Array[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const length = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    const dataEnd = lineEnd + 2 + length;
    if (bytes.length < dataEnd + 2) return undefined;
    if (length === 0) return { bytes: new Uint8Array(Buffer.concat(parts)), size: dataEnd + 2 };
    parts.push(bytes.subarray(lineEnd + 2, dataEnd));
    at = dataEnd + 2;
  }
}

const REASONS: Readonly<Record<number, string>> = { 200: "OK", 307: "Temporary Redirect", 400: "Bad Request", 404: "Not Found", 429: "Too Many Requests" };

/** Status line and headers, with the blank line unless `open`. */
export function headBytes(status: number, headers: Readonly<Record<string, string>>, open = false): Uint8Array {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} ${REASONS[status] ?? "Status"}\r\n${lines.join("")}${open ? "" : "\r\n"}`, "latin1");
}

/** One chunk of a `transfer-encoding: chunked` body. */
export function chunkBytes(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n")]);
}

/** The chunk that ends a chunked body. */
export const LAST_CHUNK: Uint8Array = Buffer.from("0\r\n\r\n");

/** The same bytes in pieces of `size`; the last one may be shorter. */
export function recut(bytes: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
  return pieces;
}
