import type { NumberedSettlement } from "../vocabulary/ledger.ts";
import { type Line, lineOf } from "./lines.ts";

/** What was found in a journal. */
export interface Found {
  readonly first: number;
  readonly lines: readonly string[];
}

/** What is to be entered of a journal. */
export interface Recovered {
  readonly settlements: readonly NumberedSettlement[];
  /** The number of its last line; 0 when it has none. */
  readonly last: number;
}

/**
 * Reads what a process left behind that was killed: what was settled, some of which will be in the books already, and of what was still being
 * answered, what had been delivered by its last line. Of requests that had delivered nothing there is no line: their holds went with the process,
 * and cost nobody anything.
 */
export function recovered(found: readonly Found[]): Recovered {
  const settlements: NumberedSettlement[] = [];
  const open = new Map<string, NumberedSettlement>();
  let last = 0;
  for (const { number, line } of numbered(found)) {
    last = number;
    const { settlement } = line;
    if (!line.final) {
      open.set(settlement.requestId, { line: number, settlement });
      continue;
    }
    open.delete(settlement.requestId);
    settlements.push({ line: number, settlement });
  }
  // Their own lines may be older than what is in the books: they stand after the journal's end.
  for (const { settlement } of open.values()) settlements.push({ line: ++last, settlement });
  return { settlements, last };
}

function* numbered(found: readonly Found[]): Iterable<{ readonly number: number; readonly line: Line }> {
  for (const { first, lines } of found) for (const [index, text] of lines.entries()) yield { number: first + index, line: lineOf(text) };
}
