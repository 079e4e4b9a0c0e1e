import { openaiRateHeaders } from "../../dialects/shared/openai/rate-headers.ts";
import type { AnswerFacts, FailureFace } from "../../vocabulary/dialect.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import { dollarsOf } from "../../vocabulary/money.ts";
import { isFromCache, triesOf } from "../../vocabulary/record.ts";
import type { Reply } from "./exchange.ts";
import { failed, type Visit } from "./visit.ts";

/** What an answer says about how it came to be, after what its upstream says of it. */
export function answerHeaders(visit: Visit, face?: FailureFace, upstream?: Readonly<Record<string, string>>): Record<string, string> {
  const headers: Record<string, string> = { ...upstream, "x-request-id": visit.id };
  const rateHeaders = face?.rateHeaders ?? openaiRateHeaders;
  if (face?.idHeader !== undefined) headers[face.idHeader] = visit.id;
  if (visit.model !== "") headers["x-signalbox-model"] = headerSafe(visit.model);
  if (visit.served !== undefined) headers["x-signalbox-deployment"] = headerSafe(visit.served.deployment.id);
  if (visit.cache !== undefined) headers["x-signalbox-cache"] = visit.cache;
  if (visit.age !== undefined) headers["age"] = String(visit.age);
  // Nobody was asked for what the cache gave again, and nobody could be where all were full: that is told too.
  if (visit.ranking !== undefined || isFromCache(visit.cache)) headers["x-signalbox-attempts"] = String(triesOf(visit.attempts));
  const charge = visit.usage && visit.bill?.(visit.usage)?.charge;
  if (charge !== undefined) headers["x-signalbox-cost"] = dollarsOf(charge);
  if (visit.turn !== undefined) Object.assign(headers, rateHeaders(visit.turn.left(), visit.now()));
  if (visit.warnings.length > 0) headers["x-signalbox-warnings"] = headerSafe(visit.warnings.join(" "), 2000);
  return headers;
}

/** What a writer of answers may say of the request, whatever its upstream says. `model` is the name the client asked by. */
export function answerFacts(model: string, visit: Visit): AnswerFacts {
  return { model, requestId: visit.id, created: Math.floor(visit.startedAt / 1000), clock: visit };
}

/** The failure in the caller's dialect; settles the visit. */
export function failureReply(failure: Failure, face: FailureFace, visit: Visit): Reply {
  const written = face.writeFailure(failure, visit.id);
  visit.settle(failed(failure, written.status));
  return { status: written.status, headers: { ...answerHeaders(visit, face), ...written.headers }, body: written.body };
}

/** A header value cannot hold control characters or anything beyond Latin-1, nor a novel: it is cut to so many characters and the rest percent-encoded. */
function headerSafe(value: string, longest = 200): string {
  const short = value.length > longest ? value.slice(0, longest) : value;
  return /^[\x20-\x7e]*$/.test(short) ? short : encodeURIComponent(short.toWellFormed()).replaceAll("%20", " ");
}
