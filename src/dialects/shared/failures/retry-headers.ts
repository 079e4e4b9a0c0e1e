import type { Failure } from "../../../vocabulary/failure.ts";

/** Waits above this many seconds are not worth a client's automatic retry. */
const LONGEST_RETRY = 60;

/** What a failure's headers say of trying again: when, and that it cannot help. Both families of official clients obey. */
export function retryHeaders(failure: Failure): Record<string, string> {
  const { retryAfter, hopeless } = failure.facts;
  const retry = failure.row.retry && hopeless !== true && (retryAfter === undefined || retryAfter <= LONGEST_RETRY);
  return { ...(retryAfter === undefined ? {} : waitHeaders(retryAfter)), ...(retry ? {} : { "x-should-retry": "false" }) };
}

/** A wait in seconds as `retry-after`, which holds whole ones only, and to the millisecond where that says more: the official clients read it first. */
function waitHeaders(seconds: number): Record<string, string> {
  const whole = { "retry-after": String(Math.ceil(seconds)) };
  return Number.isInteger(seconds) ? whole : { ...whole, "retry-after-ms": String(Math.ceil(seconds * 1000)) };
}
