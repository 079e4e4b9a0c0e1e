import type { Store } from "../store/open.ts";
import type { Log } from "../telemetry/log.ts";
import { systemTimer, type Timer } from "../vocabulary/timer.ts";

/** Milliseconds between looks. */
const EVERY = 500;

/** Writes a line when the database goes away and one when it is back, until the function that this gives is called. */
export function watchDatabase(store: Pick<Store, "trouble">, log: Pick<Log, "info" | "warn">, timer: Timer = systemTimer): () => void {
  let last: string | undefined;
  let cancel = () => {};
  const look = () => {
    const trouble = store.trouble();
    if (last === undefined && trouble !== undefined) log.warn("the database is away", { reason: trouble });
    if (last !== undefined && trouble === undefined) log.info("the database is back");
    last = trouble;
    cancel = timer(EVERY, look);
  };
  look();
  return () => cancel();
}
