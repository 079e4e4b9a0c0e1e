import type { SharedStore } from "../store/redis/redis.ts";
import { objectOf, parseJson, stringOf } from "../vocabulary/json.ts";

/** What gateways of one installation tell each other. Nobody waits for it, and what is lost is only found out later. */
export interface Replicas {
  /** Tells all others. */
  tell(topic: Topic, what: string): void;
  /** Hears the others, not ourselves. */
  hear(topic: Topic, listener: (what: string) => void): void;
}

/**
 * A key, a user or a team was made, changed, blocked or revoked (its id); an account's balance was changed by management; the config was
 * reloaded; a deployment is left alone; a batch was made or cancelled.
 */
export type Topic = "access" | "account" | "config" | "breaker" | "batch";

/** Who we are: without Redis, one that is alone. */
interface ReplicaParts {
  readonly shared: Pick<SharedStore, "publish" | "subscribe"> | undefined;
  /** No two have the same. */
  readonly self: string;
  /** Called when some of what the others told may have been missed. */
  readonly missed: () => void;
}

const CHANNEL = "events";

/** The other gateways, by way of Redis. */
export function replicas({ shared, self, missed }: ReplicaParts): Replicas {
  const listeners = new Map<string, (what: string) => void>();
  shared?.subscribe(
    CHANNEL,
    (message) => {
      const { from, topic, what } = objectOf(parseJson(message));
      if (from !== self) listeners.get(stringOf(topic) ?? "")?.(stringOf(what) ?? "");
    },
    missed,
  );
  return {
    tell: (topic, what) => void shared?.publish(CHANNEL, JSON.stringify({ from: self, topic, what })).catch(() => undefined),
    hear: (topic, listener) => void listeners.set(topic, listener),
  };
}
