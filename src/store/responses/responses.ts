import type { Clock } from "../../vocabulary/clock.ts";
import type { KeptResponses } from "../../vocabulary/kept-response.ts";
import type { WorkerLink } from "../workers/worker-link.ts";
import type { ResponsesWorker } from "./responses.worker.ts";

export interface ResponseStoreParts {
  /** Started with the first question. */
  readonly worker: () => Pick<WorkerLink<ResponsesWorker>, "ask">;
  readonly clock: Clock;
}

/** Milliseconds between two clearances of what has expired. */
const EXPIRE_EVERY = 3_600_000;

/** In a file of their own. Promises reject with `StoreTrouble` when it does not answer in time. */
export function createResponseStore({ worker, clock }: ResponseStoreParts): KeptResponses {
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
