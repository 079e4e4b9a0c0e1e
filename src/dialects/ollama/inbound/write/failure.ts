import type { WrittenFailure } from "../../../../vocabulary/dialect.ts";
import type { Failure } from "../../../../vocabulary/failure.ts";
import { retryHeaders } from "../../../shared/failures/retry-headers.ts";

/** A failure as Ollama's clients expect it: `{"error": "text"}`. An Ollama upstream's own words pass unreworded. */
export function writeOllamaFailure(failure: Failure): WrittenFailure {
  const { verbatim } = failure.facts;
  const headers = { "content-type": "application/json", ...retryHeaders(failure) };
  if (verbatim?.dialect.startsWith("ollama"))
    return { status: verbatim.status, headers: { ...headers, "content-type": verbatim.contentType }, body: verbatim.body };
  return { status: failure.row.status, headers, body: JSON.stringify({ error: failure.message }) };
}
