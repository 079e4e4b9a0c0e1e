import { z } from "zod";
import { duration, text } from "./fields.ts";
import { section } from "./sections.ts";

const EXPECTED = "expected sqlite: and a folder, such as sqlite:data, or postgres://user:password@host:5432/database.";

export const database = section({
  url: z
    .string({ error: EXPECTED })
    .regex(/^(sqlite:.+|postgres(ql)?:\/\/.+)$/i, { error: EXPECTED })
    .default("sqlite:data")
    .describe("Where keys and requests are kept: `sqlite:` and a folder, or `postgres://user:password@host:5432/database`."),
  data_dir: text()
    .optional()
    .describe("Folder of what is this gateway's alone, and of the files of `sqlite:`. Left out: the folder that `sqlite:` names, or `data`."),
  timeout: duration().prefault("2s").describe("Longest wait for PostgreSQL; past that it counts as away, and nobody waits until it is back."),
  known_keys: duration().prefault("1d").describe("How long keys that were seen here are served while PostgreSQL is away."),
});

type Database = z.output<typeof database>;

/** Where a gateway's own files lie, and its PostgreSQL when it has one; `timeout` is milliseconds. */
export function databaseOf({ url, data_dir: given, timeout }: Database): {
  readonly dataDir: string;
  readonly database?: { readonly url: string; readonly timeout: number };
} {
  if (isPostgres(url)) return { dataDir: given ?? "data", database: { url, timeout } };
  return { dataDir: given ?? url.replace(/^sqlite:/i, "") };
}

export function isPostgres(url: unknown): boolean {
  return typeof url === "string" && /^postgres(ql)?:/i.test(url);
}
