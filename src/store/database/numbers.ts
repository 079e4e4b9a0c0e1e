import type { KyselyPlugin, QueryResult, UnknownRow } from "kysely";

/** Makes the integers of rows numbers. Throws for one that a number cannot hold exactly. */
export const numbers: KyselyPlugin = {
  transformQuery: ({ node }) => node,
  async transformResult({ result }): Promise<QueryResult<UnknownRow>> {
    for (const row of result.rows) for (const column in row) if (typeof row[column] === "bigint") row[column] = numberOf(row[column], column);
    return result;
  },
};

function numberOf(integer: bigint, column: string): number {
  const number = Number(integer);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${column} holds ${integer}, which is no exact number: it is read as a bigint or not at all.`);
  return number;
}
