import { describe } from "bun:test";
import { join } from "node:path";
import { sharedPostgres } from "./database/postgres/postgres-server.fixture.ts";
import { openStore, type Store, type StoreOptions } from "./open.ts";
import { inFolder } from "./temporary.fixture.ts";

/** A kind of database that stores are tested over. */
export interface Kind {
  readonly name: "SQLite" | "PostgreSQL";
  /** What `openStore` takes for a new, empty database, beside a folder. */
  fresh(): Promise<Pick<StoreOptions, "database">>;
}

const TIMEOUT = 5_000;

/** The same tests over both databases. */
export function describeStores(name: string, tests: (kind: Kind) => void): void {
  const postgres = sharedPostgres();
  const kinds: readonly Kind[] = [
    { name: "SQLite", fresh: async () => ({}) },
    { name: "PostgreSQL", fresh: async () => ({ database: { url: (await postgres()).database(), timeout: TIMEOUT } }) },
  ];
  for (const kind of kinds) describe(`${name}, ${kind.name}`, () => tests(kind));
}

/** Runs the work with a store over an empty database, and closes it. `reopen` closes it and opens it again. */
export function withStore<Result>(kind: Kind, work: (store: Store, reopen: () => Promise<Store>) => Promise<Result>): Promise<Result> {
  return inFolder(async (folder) => {
    const options = { dataDir: join(folder, "data"), ...(await kind.fresh()) };
    let store = await openStore(options);
    const reopen = async () => {
      await store.close();
      store = await openStore(options);
      return store;
    };
    try {
      return await work(store, reopen);
    } finally {
      await store.close();
    }
  });
}

/** What a promise rejects with. Not `expect(…).rejects`: bun:test waits for that one without letting workers' messages in. */
export async function errorOf(promise: Promise<unknown>): Promise<Error> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error("It did not reject.");
}

/** The value without the fields that are `undefined`. */
export function plain<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(plain) as Value;
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, plain(field)])) as Value;
}
