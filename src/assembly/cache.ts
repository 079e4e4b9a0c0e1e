import { type AnswerCache, answerCache } from "../cache/cache.ts";
import { memoryPlace } from "../cache/places/memory.ts";
import { type SharedBytes, sharedPlace } from "../cache/places/shared.ts";
import { semanticCache } from "../cache/semantic/semantic.ts";
import type { Settings } from "../config/schema/schema.ts";
import { textEmbedder } from "../gateway/caching/embed-text.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import type { RequestRecord } from "../vocabulary/record.ts";

/** What the cache is made of. */
interface CacheParts {
  readonly settings: () => Settings;
  /** Redis, where there is one. */
  readonly shared?: SharedBytes;
  readonly box: () => Signalbox;
  readonly record: (record: RequestRecord) => void;
  readonly clock?: Clock;
}

const MEGABYTE = 1024 * 1024;
/** One answer takes at most this part of all the room. */
const PART = 16;
/** No question waits longer for what it means. Milliseconds. */
const EMBEDDING = 300;

/** The cache as the config wants it. Where answers lie, and how much room there is, is settled at the start; the rest is read anew each time. */
export function openCache({ settings, shared, box, record, clock = systemClock }: CacheParts): AnswerCache {
  const { max_mb, store, semantic } = settings().cache;
  const bytes = max_mb * MEGABYTE;
  const model = () => settings().cache.semantic.embedding_model ?? "";
  return answerCache({
    place: store === "redis" && shared !== undefined ? sharedPlace(shared) : memoryPlace({ bytes, clock }),
    policy() {
      const { enabled, ttl, share_in_flight } = settings().cache;
      return { enabled, ttl, largest: bytes / PART, shareInFlight: share_in_flight };
    },
    semantic: semanticCache({
      policy: () => settings().cache.semantic,
      embed: textEmbedder({ box, model, deadline: EMBEDDING, clock, record }),
      most: semantic.max_entries,
      clock,
    }),
    clock,
    later: setImmediate,
  });
}
