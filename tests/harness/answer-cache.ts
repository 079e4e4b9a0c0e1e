import { type AnswerCache, type AnswerCacheParts, answerCache, type CachePolicy } from "../../src/cache/cache.ts";
import { memoryPlace } from "../../src/cache/places/memory.ts";
import { type SemanticPolicy, semanticCache } from "../../src/cache/semantic/semantic.ts";
import { textEmbedder } from "../../src/gateway/caching/embed-text.ts";
import type { Signalbox } from "../../src/gateway/signalbox.ts";
import type { Clock } from "../../src/vocabulary/clock.ts";
import type { RequestRecord } from "../../src/vocabulary/record.ts";

export interface TestCacheOptions {
  /** A megabyte of memory if absent. */
  readonly place?: AnswerCacheParts["place"];
  readonly policy?: Partial<CachePolicy>;
  /** For which models, and how; the model that embeds is one of the box's. Absent: off. */
  readonly semantic?: SemanticPolicy & { readonly embeddingModel: string };
}

interface Around {
  readonly clock: Clock;
  readonly box: () => Signalbox;
  readonly record: (record: RequestRecord) => void;
}

/** What is kept stays for a minute. */
const POLICY: CachePolicy = { enabled: true, ttl: 60_000, largest: 64 * 1024, shareInFlight: false };

/** The cache of a test's gateway. */
export function testCache({ place, policy, semantic }: TestCacheOptions, { clock, box, record }: Around): AnswerCache {
  return answerCache({
    place: place ?? memoryPlace({ bytes: 1024 * 1024, clock }),
    policy: () => ({ ...POLICY, ...policy }),
    semantic:
      semantic &&
      semanticCache({
        policy: () => semantic,
        embed: textEmbedder({ box, model: () => semantic.embeddingModel, deadline: 300, clock, record }),
        most: 100,
        clock,
      }),
    clock,
    later: setImmediate,
  });
}
