import type { MoneyDesk } from "../store/ledger/money-desk.ts";
import type { Log } from "../telemetry/log.ts";
import { dollarsOf } from "../vocabulary/money.ts";
import type { Timer } from "../vocabulary/timer.ts";
import { repeatedly } from "./repeatedly.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** Adds up the books an hour after the start and once a day from then on, and writes down what does not agree, until the function that this gives is called. */
export function nightlyCheck(desk: Pick<MoneyDesk, "check">, log: Pick<Log, "info" | "warn" | "error">, timer?: Timer): () => void {
  let pause = HOUR;
  return repeatedly(
    {
      every: () => pause,
      async work() {
        pause = DAY;
        const { accounts, entries, discrepancies } = await desk.check();
        if (discrepancies.length === 0) log.info("the books agree", { accounts, entries });
        for (const { account, what, kept, sum } of discrepancies)
          log.error("the books do not agree: signalbox doctor tells more", { account, what, kept: dollarsOf(kept), sum: dollarsOf(sum) });
      },
      complain: (error) => log.warn("the books could not be added up", { error }),
    },
    timer,
  );
}
