import { REDACTED, withoutKeys } from "../../telemetry/redact.ts";
import { Failure } from "../../vocabulary/failure.ts";
import type { Service } from "../../vocabulary/service.ts";

/**
 * The failure without our own credentials, which some upstreams repeat in what they say, and without what looks like anybody's; the very
 * same when it holds none. Words a client of the upstream's dialect gets as they are lose our own only.
 */
export function discreet(failure: Failure, { secrets }: Service): Failure {
  const { verbatim } = failure.facts;
  const message = withoutKeys(without(secrets, failure.message));
  const body = verbatim === undefined ? undefined : without(secrets, verbatim.body);
  if (message === failure.message && body === verbatim?.body) return failure;
  return new Failure(failure.kind, message, { ...failure.facts, ...(verbatim === undefined ? {} : { verbatim: { ...verbatim, body: body ?? "" } }) });
}

function without(secrets: readonly string[], text: string): string {
  let clean = text;
  for (const secret of secrets) {
    clean = clean.replaceAll(secret, REDACTED);
    // Inside a JSON string it may be written with escapes.
    const escaped = JSON.stringify(secret).slice(1, -1);
    if (escaped !== secret) clean = clean.replaceAll(escaped, REDACTED);
  }
  return clean;
}
