import { objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import type { Settlement } from "../../vocabulary/ledger.ts";

/**
 * A line of the journal: how a request was settled or, of one that is still being answered, how it would be if all ended now. A later line of
 * a request takes the place of an earlier one.
 */
export interface Line {
  readonly final: boolean;
  readonly settlement: Settlement;
}

/** A line as it stands in a journal, and its number there. */
export interface NumberedLine {
  readonly number: number;
  readonly text: string;
}

/** The line as text; money as a string, since JSON has no whole numbers of its size. */
export function lineText({ final, settlement }: Line): string {
  return JSON.stringify({ ...settlement, used: settlement.used.toString(), held: settlement.held.toString(), ...(final ? {} : { open: true }) });
}

/** The line of a text. Throws for what `lineText` has not written. */
export function lineOf(text: string): Line {
  const { open, used, held, ...facts } = objectOf(parseJson(text));
  const [usedText, heldText] = [stringOf(used), stringOf(held)];
  if (usedText === undefined || heldText === undefined) throw new Error(`This is no line of the ledger's journal: ${text.slice(0, 100)}`);
  return { final: open !== true, settlement: { ...(facts as unknown as Settlement), used: BigInt(usedText), held: BigInt(heldText) } };
}
