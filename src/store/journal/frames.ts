import { crc32 } from "node:zlib";

/** Lines that were made durable together, numbered on from the first. */
export interface Frame {
  readonly first: number;
  readonly lines: readonly string[];
}

const HEAD = /^#(\d+) (\d+) ([0-9a-f]+) (\d+)\n/;
/** No head is longer. Bytes. */
const LONGEST_HEAD = 80;

/** The bytes of a frame: a head with its first number, its count of lines, their checksum and length, and the lines. No line holds a line break. */
export function frameBytes({ first, lines }: Frame): Buffer {
  const body = Buffer.from(`${lines.join("\n")}\n`);
  return Buffer.concat([Buffer.from(`#${first} ${lines.length} ${crc32(body).toString(16)} ${body.length}\n`), body]);
}

/** What a file of frames holds, and how many of its bytes are whole frames: what comes after those was cut off while it was written. */
export function framesIn(bytes: Buffer): { readonly frames: readonly Frame[]; readonly whole: number } {
  const frames: Frame[] = [];
  let at = 0;
  while (at < bytes.length) {
    const head = HEAD.exec(bytes.toString("latin1", at, at + LONGEST_HEAD));
    if (head === null) break;
    const [text, first, count, checksum, length] = head;
    const start = at + text.length;
    const end = start + Number(length);
    if (end > bytes.length) break;
    const body = bytes.subarray(start, end);
    if (crc32(body).toString(16) !== checksum) break;
    const lines = body.toString("utf8", 0, body.length - 1).split("\n");
    if (lines.length !== Number(count)) break;
    frames.push({ first: Number(first), lines });
    at = end;
  }
  return { frames, whole: at };
}
