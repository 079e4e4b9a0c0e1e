import type { Batch } from "../../vocabulary/batch.ts";
import type { StoredFile } from "../../vocabulary/stored-file.ts";

/** OpenAI's File object. */
export function shownFile({ id, bytes, createdAt, expiresAt, filename, purpose }: StoredFile) {
  return {
    id,
    object: "file",
    bytes,
    created_at: seconds(createdAt),
    expires_at: seconds(expiresAt),
    filename,
    purpose,
    status: "processed",
    status_details: null,
  };
}

/** OpenAI's Batch object. */
export function shownBatch(batch: Batch) {
  const { times, faults, tokens } = batch;
  return {
    id: batch.id,
    object: "batch",
    endpoint: batch.endpoint,
    model: batch.model ?? null,
    errors: faults === undefined ? null : { object: "list", data: faults },
    input_file_id: batch.inputFile,
    completion_window: batch.window,
    status: batch.status,
    output_file_id: batch.outputFile ?? null,
    error_file_id: batch.errorFile ?? null,
    created_at: seconds(batch.createdAt),
    in_progress_at: secondsOr(times.inProgress),
    expires_at: seconds(batch.expiresAt),
    finalizing_at: secondsOr(times.finalizing),
    completed_at: secondsOr(times.completed),
    failed_at: secondsOr(times.failed),
    expired_at: secondsOr(times.expired),
    cancelling_at: secondsOr(times.cancelling),
    cancelled_at: secondsOr(times.cancelled),
    request_counts: batch.counts,
    usage: {
      input_tokens: tokens.input,
      input_tokens_details: { cached_tokens: tokens.cached },
      output_tokens: tokens.output,
      output_tokens_details: { reasoning_tokens: tokens.reasoning },
      total_tokens: tokens.input + tokens.output,
    },
    metadata: batch.metadata ?? null,
  };
}

/** One page of a list, as OpenAI's clients go through them. */
export function shownPage(data: readonly { readonly id: string }[], more: boolean) {
  return { object: "list", data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: more };
}

function seconds(time: number): number {
  return Math.floor(time / 1000);
}

function secondsOr(time: number | undefined): number | null {
  return time === undefined ? null : seconds(time);
}
