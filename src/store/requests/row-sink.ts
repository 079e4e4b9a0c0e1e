import type { Correction } from "./corrections.ts";
import type { Cell } from "./request-row.ts";

/** Where rows go at last. */
export interface RowSink {
  /**
   * Inserts the rows, adds them to the sums of usage, both or neither, and says how many were written: one the table refuses is left out, not the batch. `again`: some of them may be there
   * already, and are not written twice. Rejects when it is not the rows that are at fault; then none, some or all may have been written.
   */
  insert(rows: readonly Cell[][], options?: { readonly again?: boolean }): Promise<number>;
  /** Corrects rows that are there, and the sums they are part of, all or nothing; how many were: not those that somebody else corrected first. */
  correct(corrections: readonly Correction[]): Promise<number>;
  close(): Promise<void>;
}
