import { until } from "../../../tests/harness/until.ts";
import { openRedis, type RedisOptions, type SharedStore } from "./redis.ts";

/** Longer than any test: what does not wait for it did not wait. */
export const NEVER = 60_000;

/** Runs the work with a shared store that is closed afterwards. */
export async function withRedis<Result>(options: RedisOptions, work: (store: SharedStore) => Promise<Result>): Promise<Result> {
  const store = openRedis(options);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Waits until the store can be used. */
export const stands = (store: SharedStore): Promise<void> => until("Redis to be of use", () => store.trouble() === undefined);

/** Waits until the store says this of itself. */
export const says = (store: SharedStore, words: string): Promise<void> =>
  until(`"${words}", instead of "${store.trouble()}"`, () => store.trouble()?.includes(words) === true);

/** What a promise rejects with: name and message. */
export async function troubleOf(promise: Promise<unknown>): Promise<string> {
  try {
    return `no trouble but ${String(await promise)}`;
  } catch (error) {
    return String(error);
  }
}
