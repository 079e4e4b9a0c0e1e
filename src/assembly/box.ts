import { behalfOf } from "../access/end-user.ts";
import type { Settings } from "../config/schema/schema.ts";
import { signatureMemory } from "../gateway/asking/signatures.ts";
import { hedges } from "../gateway/attempts/hedges.ts";
import { responseMemory } from "../gateway/responses/memory.ts";
import type { Signalbox } from "../gateway/signalbox.ts";
import type { Store } from "../store/open.ts";
import type { Log } from "../telemetry/log.ts";
import { mediaFetcher } from "../upstream/media/fetch-media.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Batches } from "./batches.ts";
import { networkFinder } from "./limits.ts";
import { policies } from "./policy.ts";
import type { WhoMay } from "./who-may.ts";

/** The parts as they were made; what follows the config is looked at with each request. */
interface BoxParts extends Pick<Signalbox, "limits" | "catalog" | "routing" | "fleet" | "upstream" | "pulse" | "cache" | "ledger"> {
  readonly settings: () => Settings;
  readonly access: Pick<WhoMay, "identify" | "attributed">;
  readonly responses: Store["responses"];
  /** They ask by way of the box, and are made after it. */
  readonly batches: () => Batches;
  readonly log: Pick<Log, "error">;
  readonly stopping: () => boolean;
}

const MEGABYTE = 1024 * 1024;

/** All that a request asks of the parts. */
export function boxOf({ settings, access, responses, batches, log, stopping, ...parts }: BoxParts): Signalbox {
  const policy = policies();
  const media = mediaFetcher(() => {
    const { max_mb, timeout } = settings().server.fetch_media;
    return { maxBytes: max_mb * MEGABYTE, timeout };
  });
  const kept = responseMemory({
    kept: responses,
    lifetime: () => settings().responses.lifetime,
    most: () => settings().server.max_body_mb * MEGABYTE,
    complain: (id, error) => log.error("A response could not be kept.", { response: id, error }),
  });
  return {
    ...parts,
    access: {
      // A gateway that is told to stop finishes what runs; whoever asks now asks elsewhere, or again in a moment.
      identify(headers, search) {
        if (stopping()) throw new Failure("overloaded", "This Signalbox is stopping. Ask again in a moment.", { retryAfter: 1 });
        return access.identify(headers, search);
      },
      behalf: (headers) => behalfOf(headers, settings().auth.end_user_secret),
      attributed: access.attributed,
      networkOf: networkFinder(settings),
    },
    hedges: hedges(),
    signatures: signatureMemory(),
    get media() {
      return settings().server.fetch_media.enabled ? media : undefined;
    },
    get responses() {
      return settings().responses.store ? kept : undefined;
    },
    get files() {
      return settings().batches.enabled ? batches().files : undefined;
    },
    get batches() {
      return settings().batches.enabled ? batches().desk : undefined;
    },
    policy: () => policy(settings()),
    billing() {
      const { assumed_output_tokens, unfinished, unpriced, cache_hits } = settings().billing;
      return { assumedOutput: assumed_output_tokens, unfinished, unpriced, cacheHits: cache_hits };
    },
  };
}
