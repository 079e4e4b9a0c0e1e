import type { WrittenFailure } from "../../../vocabulary/dialect.ts";
import type { Failure } from "../../../vocabulary/failure.ts";

/** Waits above this many seconds are not worth a client's automatic retry. */
const LONGEST_RETRY = 60;

/** A failure as Ollama's clients expect it: `{"error": "text"}`. An Ollama upstream's own words pass unreworded. */
export function writeOllamaFailure(failure: Failure): WrittenFailure {
  const { verbatim, retryAfter } = failure.facts;
  const headers: Record<string, string> = { "content-type": "application/json" };
  if (retryAfter !== undefined) headers["retry-after"] = String(Math.ceil(retryAfter));
  if (!failure.row.retry || (retryAfter ?? 0) > LONGEST_RETRY) headers["x-should-retry"] = "false";
  if (verbatim?.dialect.startsWith("ollama"))
    return { status: verbatim.status, headers: { ...headers, "content-type": verbatim.contentType }, body: verbatim.body };
  return { status: failure.row.status, headers, body: JSON.stringify({ error: failure.message }) };
}
