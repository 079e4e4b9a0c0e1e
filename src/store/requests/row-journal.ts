import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";

/**
 * Rows that wait in a file of the data folder until the database is back, as the text they came in: two lines each. What was written survives
 * the process; what a power cut leaves half is cut off when the file is opened.
 */
export interface RowJournal {
  /** How many rows wait. */
  readonly rows: number;
  /** Appends so many rows; `false`, and nothing is written, when the file would outgrow its bound. */
  append(text: Uint8Array, rows: number): boolean;
  /** The oldest rows, about so many bytes of them; `undefined` when there are none. They wait until `done` is called. */
  next(): { readonly text: string; readonly rows: number; done(): void } | undefined;
  close(): void;
}

export interface JournalBounds {
  /** Bytes the file may have. */
  readonly most?: number;
  /** Bytes read at once. */
  readonly chunk?: number;
}

const NEWLINE = 10;
const MOST = 1024 ** 3;
const CHUNK = 1024 ** 2;

/** Opens the file, makes it when missing. */
export function openJournal(path: string, { most = MOST, chunk = CHUNK }: JournalBounds = {}): RowJournal {
  const file = openSync(path, "a+", 0o600);
  let size = cutToWhole(file, chunk);
  let start = 0;
  let rows = countLines(file, { from: 0, to: size, chunk }).lines / 2;
  const empty = () => {
    ftruncateSync(file, 0);
    size = 0;
    start = 0;
  };
  return {
    get rows() {
      return rows;
    },
    append(text, count) {
      if (size + text.length > most) return false;
      let written = 0;
      while (written < text.length) written += writeSync(file, text, written);
      size += text.length;
      rows += count;
      return true;
    },
    next() {
      if (start >= size) return undefined;
      for (let length = chunk; ; length *= 2) {
        const bytes = readAt(file, start, Math.min(length, size - start));
        const { lines, end } = linesOf(bytes);
        if (end === 0) continue; // One row alone is longer than that.
        return {
          text: new TextDecoder().decode(bytes.subarray(0, end)),
          rows: Math.floor(lines / 2),
          done() {
            start += end;
            rows -= Math.floor(lines / 2);
            if (start >= size) empty();
          },
        };
      }
    },
    close: () => closeSync(file),
  };
}

/** Cuts off what comes after the last whole row; how long the file is then. */
function cutToWhole(file: number, chunk: number): number {
  const { size } = fstatSync(file);
  const { end } = countLines(file, { from: 0, to: size, chunk });
  if (end < size) ftruncateSync(file, end);
  return end;
}

/** The lines between two positions, and where the last whole row ends. */
function countLines(file: number, { from, to, chunk }: { from: number; to: number; chunk: number }): { lines: number; end: number } {
  let lines = 0;
  let end = from;
  for (let at = from; at < to; at += chunk) {
    const found = linesOf(readAt(file, at, Math.min(chunk, to - at)), lines);
    lines = found.lines;
    if (found.end > 0) end = at + found.end;
  }
  return { lines, end };
}

/** Lines, counted on from those before, and where in the bytes the last whole row ends; 0: none does. */
function linesOf(bytes: Uint8Array, before = 0): { lines: number; end: number } {
  let lines = before;
  let end = 0;
  for (let index = bytes.indexOf(NEWLINE); index >= 0; index = bytes.indexOf(NEWLINE, index + 1)) if (++lines % 2 === 0) end = index + 1;
  return { lines, end };
}

function readAt(file: number, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let read = 0;
  while (read < length) {
    const some = readSync(file, bytes, read, length - read, position + read);
    if (some === 0) break;
    read += some;
  }
  return bytes.subarray(0, read);
}
