import { FAILURES } from "../vocabulary/failure.ts";
import { type RequestRecord, triesOf } from "../vocabulary/record.ts";
import { promptTokens } from "../vocabulary/usage.ts";
import type { Fields, Level } from "./log.ts";

/** Upstreams have been seen to send whole pages; the row has all of it. Characters. */
const LONGEST_MESSAGE = 500;

/**
 * The log line of a request, beside timestamp, level and message, in this order. Times are milliseconds; `tokens` is prompt and completion
 * together; `deployment` is who served or, when nobody did, who was asked last.
 */
export function requestLine(record: RequestRecord, instance: string): Fields {
  return {
    request_id: record.id,
    instance,
    model: record.model,
    deployment: record.deployment ?? record.trace.attempts.at(-1)?.deployment,
    user_id: record.userId,
    source: record.source,
    end_user: record.endUser,
    session: record.session,
    batch: record.batch,
    cache: record.cache,
    tokens: record.usage && promptTokens(record.usage) + record.usage.output,
    duration_ms: tenths(record.totalMs),
    latency_ms: record.firstTokenMs === undefined ? undefined : tenths(record.firstTokenMs),
    outcome: record.outcome,
    status: record.status,
    failure: record.failure,
    attempts: triesOf(record.trace.attempts),
    error: record.message?.slice(0, LONGEST_MESSAGE),
  };
}

/** Our own trouble is an error, an upstream's a warning; what the client did wrong is the client's to read. */
export function levelOf(record: RequestRecord): Level {
  if (record.outcome !== "failed") return "info";
  if (record.failure === "internal") return "error";
  if (record.failure === undefined) return "info";
  const { status, type } = FAILURES[record.failure];
  return status >= 500 && type !== "invalid_request_error" ? "warn" : "info";
}

function tenths(milliseconds: number): number {
  return Math.round(milliseconds * 10) / 10;
}
