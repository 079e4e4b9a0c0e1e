import type { Clock } from "../../vocabulary/clock.ts";
import type { KeptResponse } from "../../vocabulary/kept-response.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import type { ResponsesWorker } from "./responses.worker.ts";

/** Answers kept for their clients. What has expired, or is another owner's, is not there. Promises reject with `StoreTrouble` when the file does not answer in time. */
export interface ResponseStore {
  /** Need not be waited for: whatever is asked afterwards finds it. */
  keep(response: KeptResponse): Promise<void>;
  find(id: string, owner: string): Promise<KeptResponse | undefined>;
  /** The response and all it goes on from, oldest first; empty when any of them is gone, `undefined` when they hold more characters than `most`. */
  conversation(id: string, owner: string, most: number): Promise<readonly KeptResponse[] | undefined>;
  /** Items of the owner's responses as JSON text, by their ids; unknown ones are left out. `undefined` when those responses hold more characters than `most`. */
  items(ids: readonly string[], owner: string, most: number): Promise<ReadonlyMap<string, string> | undefined>;
  /** Is any of these, responses or items of responses, another owner's? */
  anyOfOthers(ids: readonly string[], owner: string): Promise<boolean>;
  /** Says whether there was one. */
  remove(id: string, owner: string): Promise<boolean>;
}

export interface ResponseStoreParts {
  /** Started with the first question. */
  readonly worker: () => Pick<WorkerLink<ResponsesWorker>, "ask">;
  readonly clock: Clock;
}

/** Milliseconds between two clearances of what has expired. */
const EXPIRE_EVERY = 3_600_000;

export function createResponseStore({ worker, clock }: ResponseStoreParts): ResponseStore {
  let cleared = Number.NEGATIVE_INFINITY;
  return {
    async keep(response) {
      const keeping = worker().ask("keep", response);
      const now = clock.now();
      if (now - cleared >= EXPIRE_EVERY) {
        cleared = now;
        // What was not cleared now will be in an hour.
        worker()
          .ask("expire", now)
          .catch(() => undefined);
      }
      await keeping;
    },
    find: (id, owner) => worker().ask("find", { id, owner, now: clock.now() }),
    async conversation(id, owner, most) {
      const line = await worker().ask("conversation", { id, owner, now: clock.now(), most });
      return line?.[0]?.previous === undefined ? line : [];
    },
    async items(ids, owner, most) {
      const found = await worker().ask("items", { ids, owner, now: clock.now(), most });
      return found && new Map(Object.entries(found));
    },
    anyOfOthers: (ids, owner) => worker().ask("anyOfOthers", { ids, owner }),
    remove: (id, owner) => worker().ask("remove", { id, owner, now: clock.now() }),
  };
}
