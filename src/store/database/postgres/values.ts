import { types } from "pg";

const [INT8, INT2, INT4, NUMERIC] = [20, 21, 23, 1700];

/** How values are read: integers as bigints, as they are from a file. */
export const VALUE_TYPES = {
  getTypeParser(oid: number, format?: "text" | "binary") {
    if (format !== "binary" && (oid === INT8 || oid === INT4 || oid === INT2)) return BigInt;
    // The sum of a column of integers.
    if (format !== "binary" && oid === NUMERIC) return (text: string) => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text));
    return types.getTypeParser(oid, format);
  },
};

/** What is sent: PostgreSQL's text has no character NUL. */
export function sent(parameters: readonly unknown[]): unknown[] {
  return parameters.map((value) => (typeof value === "string" ? withoutNul(value) : Array.isArray(value) ? sent(value) : value));
}

function withoutNul(text: string): string {
  return text.includes("\u0000") ? text.replaceAll("\u0000", "\uFFFD") : text;
}
