/** What a cell of a table holds. */
export type CsvCell = string | number | bigint;

/**
 * A table as RFC 4180 writes it, its headings first. Spreadsheets run what looks like a formula, and names come from strangers: such a text gets
 * an apostrophe in front, which they show as no more than a text's.
 */
export function csvOf(headings: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [headings, ...rows].map((row) => `${row.map(written).join(",")}\r\n`).join("");
}

const FORMULA = /^[=+\-@\t\r]/;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;

function written(cell: CsvCell): string {
  const text = String(cell);
  const harmless = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
