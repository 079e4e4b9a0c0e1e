import type { FailureFace, HeaderView } from "../../vocabulary/dialect.ts";
import type { Failure } from "../../vocabulary/failure.ts";
import type { Reply } from "./exchange.ts";
import { failed, type Visit } from "./visit.ts";

/** Headers of an upstream that mean something to its client; everything else stays behind. */
const CROSSING = ["openai-processing-ms", "openai-version", "openai-model"];

/** What an answer says about how it came to be. */
export function answerHeaders(visit: Visit, upstream?: HeaderView): Record<string, string> {
  const headers: Record<string, string> = { "x-request-id": visit.id };
  if (visit.model !== "") headers["x-signalbox-model"] = headerSafe(visit.model);
  if (visit.served !== undefined) headers["x-signalbox-deployment"] = headerSafe(visit.served.deployment.id);
  if (visit.attempts.length > 0) headers["x-signalbox-attempts"] = String(visit.attempts.length);
  if (visit.warnings.length > 0) headers["x-signalbox-warnings"] = headerSafe(visit.warnings.join(" "), 2000);
  if (upstream !== undefined) {
    for (const name of CROSSING) {
      const value = upstream.get(name);
      if (value !== null) headers[name] = value;
    }
  }
  return headers;
}

/** The failure in the caller's dialect; settles the visit. */
export function failureReply(failure: Failure, face: FailureFace, visit: Visit): Reply {
  const written = face.writeFailure(failure, visit.id);
  visit.settle(failed(failure, written.status));
  return { status: written.status, headers: { ...answerHeaders(visit), ...written.headers }, body: written.body };
}

/** A header value cannot hold control characters or anything beyond Latin-1, nor a novel: it is cut to so many characters and the rest percent-encoded. */
function headerSafe(value: string, longest = 200): string {
  const short = value.length > longest ? value.slice(0, longest) : value;
  return /^[\x20-\x7e]*$/.test(short) ? short : encodeURIComponent(short.toWellFormed()).replaceAll("%20", " ");
}
