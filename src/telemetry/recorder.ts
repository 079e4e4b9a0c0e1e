import type { RequestRecord } from "../vocabulary/record.ts";
import type { Log } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { levelOf, requestLine } from "./request-line.ts";

export interface RecorderParts {
  readonly store: { append(record: RequestRecord): void };
  readonly log: Pick<Log, "info" | "warn" | "error">;
  readonly metrics: Pick<Metrics, "observe">;
  /** This process among its replicas, as the log names it. */
  readonly instance: string;
  /** Is a line written for every request? */
  readonly logRequests: () => boolean;
  /** Are requests counted? */
  readonly countRequests: () => boolean;
}

/** Remembers an ended request as a row, a tick of the metrics and a line of the log. Never throws: no answer fails for its record. */
export function recorder({ store, log, metrics, instance, logRequests, countRequests }: RecorderParts): (record: RequestRecord) => void {
  const write = (record: RequestRecord) => {
    if (!logRequests()) return;
    const level = levelOf(record);
    log[level === "debug" ? "info" : level]("request", requestLine(record, instance));
  };
  const complain = (record: RequestRecord, error: unknown) => {
    try {
      log.error("A request could not be recorded in full.", { request_id: record.id, error });
    } catch {
      // There is nobody left to tell.
    }
  };
  const tick = (record: RequestRecord) => {
    if (countRequests()) metrics.observe(record);
  };
  const places: readonly ((record: RequestRecord) => void)[] = [write, (record) => store.append(record), tick];
  return (record) => {
    for (const remember of places) {
      try {
        remember(record);
      } catch (error) {
        complain(record, error);
      }
    }
  };
}
