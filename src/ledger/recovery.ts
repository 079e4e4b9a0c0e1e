import { lineOf, type NumberedLine } from "../store/ledger/journal-line.ts";

/** What was found in a journal. */
export interface Found {
  readonly first: number;
  readonly lines: readonly string[];
}

/** What is to be entered of a journal. */
export interface Recovered {
  readonly lines: readonly NumberedLine[];
  /** The number of its last line; 0 when it has none. */
  readonly last: number;
}

/**
 * Reads what a process left behind that was killed: what was settled, some of which will be in the books already, and of what was still being
 * answered, what had been delivered by its last line. Of requests that had delivered nothing there is no line: their holds went with the process,
 * and cost nobody anything.
 */
export function recovered(found: readonly Found[]): Recovered {
  const lines: NumberedLine[] = [];
  const open = new Map<string, NumberedLine>();
  let last = 0;
  for (const line of numbered(found)) {
    last = line.number;
    const { final, settlement } = lineOf(line.text);
    if (!final) {
      open.set(settlement.requestId, line);
      continue;
    }
    open.delete(settlement.requestId);
    lines.push(line);
  }
  // Their own numbers may be older than what is in the books: they stand after the journal's end.
  for (const { text } of open.values()) lines.push({ number: ++last, text });
  return { lines, last };
}

function* numbered(found: readonly Found[]): Iterable<NumberedLine> {
  for (const { first, lines } of found) for (const [index, text] of lines.entries()) yield { number: first + index, text };
}
