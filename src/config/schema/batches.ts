import { duration, flag, wholeNumber } from "./fields.ts";
import { section } from "./sections.ts";

/** `batches`. */
export const batches = section({
  enabled: flag().prefault(true).describe("Serve /v1/files and /v1/batches."),
  max_file_mb: wholeNumber(1, 1000).prefault(100).describe("Largest file that may be uploaded, in megabytes."),
  max_lines: wholeNumber(1, 1_000_000).prefault(50_000).describe("Most requests of one batch."),
  keep: duration().prefault("30d").describe("How long files are kept, and batches that are over."),
  window: duration().prefault("24h").describe("How long a batch may take that does not say it itself; what was not asked by then never is."),
  parallel: wholeNumber(1, 10_000).prefault(8).describe("Most requests of one batch at once."),
  parallel_total: wholeNumber(1, 10_000).prefault(32).describe("Most requests of all batches at once, of this gateway."),
  priority: wholeNumber(-100, 100).prefault(-50).describe("Where all deployments are full: who waits with a higher one is served first; everybody else has 0."),
  idle_share: wholeNumber(1, 100)
    .prefault(75)
    .describe("A request of a batch begins only while less than this part, in hundredths, of a deployment's max_concurrent is taken, and nobody waits for it."),
});
