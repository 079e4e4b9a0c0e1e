import { type Kysely, sql } from "kysely";
import { listOf, objectOf, parseJson, stringOf } from "../../vocabulary/json.ts";
import type { KeptResponse } from "../../vocabulary/kept-response.ts";

export interface ResponseTables {
  readonly responses: ResponseTableRow;
  readonly response_items: { readonly id: string; readonly response: string };
}

interface ResponseTableRow {
  readonly id: string;
  readonly owner: string;
  readonly previous: string | null;
  readonly created_at: number;
  readonly expires_at: number;
  readonly deployment: string | null;
  readonly input: string;
  readonly body: string;
}

/** Somebody's response, looked for at a time (milliseconds since 1970): what has expired is not there. */
export interface Wanted {
  readonly id: string;
  readonly owner: string;
  readonly now: number;
}

/** No conversation is longer. Answers. */
const LONGEST = 10_000;

/** Keeps the response, in place of one of the same id and owner, and says where its items are. One of another owner stays, and nothing is kept. */
export async function keepResponse(database: Kysely<ResponseTables>, kept: KeptResponse): Promise<void> {
  const row: ResponseTableRow = {
    id: kept.id,
    owner: kept.owner,
    previous: kept.previous ?? null,
    created_at: kept.createdAt,
    expires_at: kept.expiresAt,
    deployment: kept.deployment ?? null,
    input: kept.input,
    body: kept.body,
  };
  const items = [...new Set(itemsOf(kept).flatMap((item) => stringOf(item["id"]) ?? []))].map((id) => ({ id, response: kept.id }));
  await database.transaction().execute(async (step) => {
    await step.deleteFrom("responses").where("id", "=", kept.id).where("owner", "=", kept.owner).execute();
    const { numInsertedOrUpdatedRows } = await step
      .insertInto("responses")
      .values(row)
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirstOrThrow();
    if (items.length > 0 && numInsertedOrUpdatedRows === 1n) await step.insertInto("response_items").values(items).execute();
  });
}

export async function findResponse(database: Kysely<ResponseTables>, { id, owner, now }: Wanted): Promise<KeptResponse | undefined> {
  const row = await database
    .selectFrom("responses")
    .selectAll()
    .where("id", "=", id)
    .where("owner", "=", owner)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return row && keptOf(row);
}

/**
 * The response and all it goes on from, oldest first. Whoever finds that the first has a `previous` knows that a part is gone. `undefined`
 * when it holds more than so many characters: then nothing of it is read.
 */
export async function findConversation(
  database: Kysely<ResponseTables>,
  { id, owner, now, most }: Wanted & { readonly most: number },
): Promise<KeptResponse[] | undefined> {
  const line = database
    .withRecursive("line(id, previous, step)", (query) =>
      query
        .selectFrom("responses")
        .select((it) => ["responses.id", "responses.previous", it.lit(0).as("step")])
        .where("responses.id", "=", id)
        .where("responses.owner", "=", owner)
        .where("responses.expires_at", ">", now)
        .unionAll(
          query
            .selectFrom("responses")
            .innerJoin("line", "line.previous", "responses.id")
            .select((it) => ["responses.id", "responses.previous", it("line.step", "+", it.lit(1)).as("step")])
            .where("responses.owner", "=", owner)
            .where("responses.expires_at", ">", now)
            .where("line.step", "<", LONGEST),
        ),
    )
    .selectFrom("line")
    .innerJoin("responses", "responses.id", "line.id");
  const { size } = await line.select(sizeOfRows).executeTakeFirstOrThrow();
  if (size > most) return undefined;
  const rows = await line.selectAll("responses").orderBy("line.step", "desc").execute();
  return rows.map(keptOf);
}

/** How many characters the rows of a query hold. */
const sizeOfRows = sql<number>`coalesce(sum(length(responses.input) + length(responses.body)), 0)`.as("size");

/** Items to be found by their ids, and how many characters the responses that hold them may have. */
export interface WantedItems extends Omit<Wanted, "id"> {
  readonly ids: readonly string[];
  readonly most: number;
}

/** These items of the owner's responses, as JSON text, by their ids; unknown ones are left out. `undefined` when the responses are too large to be read. */
export async function findItems(database: Kysely<ResponseTables>, { ids, owner, now, most }: WantedItems): Promise<Record<string, string> | undefined> {
  if (ids.length === 0) return {};
  const holding = database
    .selectFrom("responses")
    .where("responses.id", "in", (query) => query.selectFrom("response_items").select("response_items.response").where("response_items.id", "in", ids))
    .where("responses.owner", "=", owner)
    .where("responses.expires_at", ">", now);
  const { size } = await holding.select(sizeOfRows).executeTakeFirstOrThrow();
  if (size > most) return undefined;
  const rows = await holding.select(["responses.input", "responses.body"]).execute();
  const wanted = new Set(ids);
  const found: Record<string, string> = Object.create(null);
  for (const row of rows) {
    for (const item of itemsOf(row)) {
      const id = stringOf(item["id"]);
      if (id !== undefined && wanted.has(id)) found[id] = JSON.stringify(item);
    }
  }
  return found;
}

/** Is any of these, responses or items of responses, another owner's, expired or not? */
export async function isAnyOfOthers(
  database: Kysely<ResponseTables>,
  { ids, owner }: { readonly ids: readonly string[]; readonly owner: string },
): Promise<boolean> {
  const found = await database
    .selectFrom("responses")
    .leftJoin("response_items", "response_items.response", "responses.id")
    .select("responses.id")
    .where("responses.owner", "<>", owner)
    .where((either) => either.or([either("responses.id", "in", ids), either("response_items.id", "in", ids)]))
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Says whether there was one. */
export async function removeResponse(database: Kysely<ResponseTables>, { id, owner, now }: Wanted): Promise<boolean> {
  const result = await database.deleteFrom("responses").where("id", "=", id).where("owner", "=", owner).where("expires_at", ">", now).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Removes what has expired by then. */
export async function removeExpired(database: Kysely<ResponseTables>, now: number): Promise<void> {
  await database.deleteFrom("responses").where("expires_at", "<=", now).execute();
}

function itemsOf({ input, body }: { readonly input: string; readonly body: string }) {
  return [...listOf(parseJson(input)), ...listOf(objectOf(parseJson(body))["output"])].map(objectOf);
}

function keptOf(row: ResponseTableRow): KeptResponse {
  return {
    id: row.id,
    owner: row.owner,
    previous: row.previous ?? undefined,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    deployment: row.deployment ?? undefined,
    input: row.input,
    body: row.body,
  };
}
