import type { Author, Batch, BatchEndpoint, BatchFault, BatchStatus } from "../../vocabulary/batch.ts";
import type { JsonObject } from "../../vocabulary/json.ts";
import type { BatchTableRow } from "./tables.ts";

/** The row of a new batch, which nobody holds. */
export function rowOf(batch: Batch): BatchTableRow {
  const { times, counts, tokens } = batch;
  return {
    id: batch.id,
    owner: batch.owner,
    author: JSON.stringify(batch.author),
    endpoint: batch.endpoint,
    input_file: batch.inputFile,
    completion_window: batch.window,
    metadata: batch.metadata === undefined ? null : JSON.stringify(batch.metadata),
    output_lifetime: batch.outputLifetime ?? null,
    status: batch.status,
    created_at: batch.createdAt,
    expires_at: batch.expiresAt,
    in_progress_at: times.inProgress ?? null,
    finalizing_at: times.finalizing ?? null,
    completed_at: times.completed ?? null,
    failed_at: times.failed ?? null,
    expired_at: times.expired ?? null,
    cancelling_at: times.cancelling ?? null,
    cancelled_at: times.cancelled ?? null,
    model: batch.model ?? null,
    total: counts.total,
    completed: counts.completed,
    failed: counts.failed,
    input_tokens: tokens.input,
    cached_tokens: tokens.cached,
    output_tokens: tokens.output,
    reasoning_tokens: tokens.reasoning,
    faults: batch.faults === undefined ? null : JSON.stringify(batch.faults),
    output_file: batch.outputFile ?? null,
    error_file: batch.errorFile ?? null,
    holder: null,
    held_until: 0,
    kept_until: batch.keptUntil,
  };
}

export function batchOf(row: BatchTableRow): Batch {
  return {
    id: row.id,
    owner: row.owner,
    author: JSON.parse(row.author) as Author,
    endpoint: row.endpoint as BatchEndpoint,
    inputFile: row.input_file,
    window: row.completion_window,
    metadata: row.metadata === null ? undefined : (JSON.parse(row.metadata) as JsonObject),
    outputLifetime: row.output_lifetime ?? undefined,
    status: row.status as BatchStatus,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    keptUntil: row.kept_until,
    times: {
      inProgress: row.in_progress_at ?? undefined,
      finalizing: row.finalizing_at ?? undefined,
      completed: row.completed_at ?? undefined,
      failed: row.failed_at ?? undefined,
      expired: row.expired_at ?? undefined,
      cancelling: row.cancelling_at ?? undefined,
      cancelled: row.cancelled_at ?? undefined,
    },
    model: row.model ?? undefined,
    counts: { total: row.total, completed: row.completed, failed: row.failed },
    tokens: { input: row.input_tokens, cached: row.cached_tokens, output: row.output_tokens, reasoning: row.reasoning_tokens },
    faults: row.faults === null ? undefined : (JSON.parse(row.faults) as BatchFault[]),
    outputFile: row.output_file ?? undefined,
    errorFile: row.error_file ?? undefined,
  };
}
