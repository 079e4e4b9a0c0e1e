import type { Settings } from "../config/schema/schema.ts";
import type { AttemptPolicy } from "../gateway/signalbox.ts";

/** The policy that settings make; the same object as long as they are the same. */
export function policies(): (settings: Settings) => AttemptPolicy {
  let last: { settings: Settings; policy: AttemptPolicy } | undefined;
  return (settings) => {
    if (last?.settings !== settings) last = { settings, policy: policyOf(settings) };
    return last.policy;
  };
}

function policyOf({ routing: { attempts, backoff_ms, hold_status, deadlines }, server }: Settings): AttemptPolicy {
  return {
    attempts,
    backoff: backoff_ms,
    holdStatus: hold_status,
    connect: deadlines.connect,
    firstToken: deadlines.first_token,
    idle: deadlines.idle,
    total: deadlines.total,
    comment: 10_000,
    removeSources: server.remove_sources,
  };
}
