import type { RequestSummary } from "../../store/requests/request-queries.ts";
import type { Nano } from "../../vocabulary/money.ts";
import type { AttemptTrace, RequestRecord } from "../../vocabulary/record.ts";
import { promptTokens, type Usage } from "../../vocabulary/usage.ts";
import { isoTime } from "../input.ts";
import { shownAmount } from "../money/amounts.ts";

/** A request as somebody may see it. */
export interface RequestView {
  row(row: RequestSummary): object;
  trace(record: RequestRecord): object;
}

export const AS_OPERATORS_SEE: RequestView = {
  row: (row) => ({ ...shownRow(row), ...shownMoney("cost", row.cost), accounts: row.accounts ?? null }),
  trace: ({ trace: { candidates, warnings, attempts } }) => ({
    candidates,
    warnings,
    attempts: attempts.map((attempt) => ({
      deployment: attempt.deployment,
      key: attempt.key ?? null,
      why: attempt.why,
      ...shownAttempt(attempt),
      status: attempt.status ?? null,
      message: attempt.message ?? null,
      decision: attempt.decision,
    })),
  }),
};

/**
 * What the answer's own headers told its caller, and what became of each attempt. What is the house's is left out: what it cost, whoever else
 * might have answered and why not.
 */
export const AS_OWNERS_SEE: RequestView = {
  row: shownRow,
  trace: ({ deployment, trace: { warnings, attempts } }) => ({
    warnings,
    attempts: attempts.map((attempt) => ({
      deployment: attempt.deployment === deployment ? deployment : null,
      ...shownAttempt(attempt),
      // What comes after the colon is who was asked next.
      decision: attempt.decision.split(":", 1)[0],
    })),
  }),
};

function shownAttempt({ again, startedMs, firstTokenMs, totalMs, failure }: AttemptTrace) {
  return {
    again: again ?? 0,
    started_ms: startedMs,
    first_token_ms: firstTokenMs ?? null,
    total_ms: totalMs ?? null,
    failure: failure ?? null,
  };
}

function shownRow(row: RequestSummary) {
  return {
    id: row.id,
    started_at: isoTime(row.startedAt),
    operation: row.operation,
    dialect: row.dialect,
    model: row.model,
    deployment: row.deployment ?? null,
    key_id: row.keyId ?? null,
    user_id: row.userId ?? null,
    team_id: row.teamId ?? null,
    source: row.source ?? null,
    end_user: row.endUser ?? null,
    session: row.session ?? null,
    batch: row.batch ?? null,
    stream: row.stream,
    status: row.status,
    outcome: row.outcome,
    failure: row.failure ?? null,
    message: row.message ?? null,
    first_token_ms: row.firstTokenMs ?? null,
    total_ms: row.totalMs,
    cache: row.cache ?? null,
    ...shownMoney("charge", row.charge),
    price_version: row.priceVersion ?? null,
    usage: row.usage === undefined ? null : shownTokens(row.usage),
  };
}

function shownTokens(usage: Usage) {
  return {
    prompt: promptTokens(usage),
    input: usage.input,
    cache_read: usage.cacheRead,
    cache_write_5m: usage.cacheWrite5m,
    cache_write_1h: usage.cacheWrite1h,
    output: usage.output,
    reasoning: usage.reasoning,
    ...unitsOf(usage),
    evidence: usage.evidence,
  };
}

/** What is counted beside tokens, or is a part of them, named only where something was. */
function unitsOf(usage: Usage) {
  return {
    milliseconds: usage.milliseconds,
    characters: usage.characters,
    images: usage.images,
    searches: usage.searches,
    web_searches: usage.webSearches,
    gpu_milliseconds: usage.gpuMilliseconds,
    image_output: usage.imageOutput,
    cache_audio_read: usage.cacheAudioRead,
    cache_image_read: usage.cacheImageRead,
    citations: usage.citations,
  };
}

/** Money that nobody knows is none, and not 0. */
function shownMoney(name: "cost" | "charge", nano: Nano | undefined) {
  return nano === undefined ? { [name]: null, [`${name}_nano`]: null } : shownAmount(name, nano);
}
