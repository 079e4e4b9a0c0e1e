import { type Exchange, jsonReply, type Reply, type Route } from "../gateway/visit/exchange.ts";
import type { RequestSummary } from "../store/requests/request-queries.ts";
import type { RequestStore } from "../store/requests/requests.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import type { Nano } from "../vocabulary/money.ts";
import type { CacheOutcome, Outcome } from "../vocabulary/record.ts";
import { promptTokens, type Usage } from "../vocabulary/usage.ts";
import { idIn, isoTime, queryOf } from "./input.ts";
import { shownAmount } from "./money/amounts.ts";

const OUTCOMES: readonly string[] = ["ok", "failed", "client-left"] satisfies Outcome[];

const CACHE_OUTCOMES: readonly string[] = ["hit", "shared", "semantic", "miss", "bypass"] satisfies CacheOutcome[];

/** `/admin/requests`: what happened, newest first, and one request with its trace. */
export function requestRoutes(requests: Pick<RequestStore, "list" | "find" | "flush">): Route[] {
  return [
    { method: "GET", path: "/admin/requests", admits: "operator", handle: (exchange) => list(requests, exchange) },
    { method: "GET", path: "/admin/requests/*", admits: "operator", handle: (exchange) => show(requests, exchange) },
  ];
}

async function list(requests: Pick<RequestStore, "list" | "flush">, exchange: Exchange): Promise<Reply> {
  const { text, number, time, page: wanted } = queryOf(exchange);
  const outcome = text("outcome");
  if (outcome !== undefined && !OUTCOMES.includes(outcome)) throw invalidRequest("outcome", `outcome must be one of ${OUTCOMES.join(", ")}.`);
  const cache = text("cache");
  if (cache !== undefined && !CACHE_OUTCOMES.includes(cache)) throw invalidRequest("cache", `cache must be one of ${CACHE_OUTCOMES.join(", ")}.`);
  // What ended a moment ago may still be on its way to the file.
  await requests.flush();
  const page = await requests.list({
    ...wanted,
    model: text("model"),
    deployment: text("deployment"),
    keyId: text("key_id"),
    userId: text("user_id"),
    teamId: text("team_id"),
    source: text("source"),
    endUser: text("end_user"),
    session: text("session"),
    outcome: outcome as Outcome | undefined,
    cache: cache as CacheOutcome | undefined,
    status: number("status"),
    from: time("from"),
    to: time("to"),
  });
  return jsonReply({ data: page.rows.map(shown), next: page.next ?? null });
}

async function show(requests: Pick<RequestStore, "find" | "flush">, exchange: Exchange): Promise<Reply> {
  const id = idIn(exchange.rest);
  await requests.flush();
  const record = await requests.find(id);
  if (record === undefined) throw new Failure("not-found", `There is no request ${JSON.stringify(id)}.`);
  const { candidates, attempts, warnings } = record.trace;
  return jsonReply({
    ...shown(record),
    trace: {
      candidates,
      warnings,
      attempts: attempts.map((attempt) => ({
        deployment: attempt.deployment,
        key: attempt.key ?? null,
        again: attempt.again ?? 0,
        why: attempt.why,
        started_ms: attempt.startedMs,
        first_token_ms: attempt.firstTokenMs ?? null,
        total_ms: attempt.totalMs ?? null,
        status: attempt.status ?? null,
        failure: attempt.failure ?? null,
        message: attempt.message ?? null,
        decision: attempt.decision,
      })),
    },
  });
}

function shown(row: RequestSummary) {
  const { usage } = row;
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
    stream: row.stream,
    status: row.status,
    outcome: row.outcome,
    failure: row.failure ?? null,
    message: row.message ?? null,
    first_token_ms: row.firstTokenMs ?? null,
    total_ms: row.totalMs,
    cache: row.cache ?? null,
    ...shownMoney("cost", row.cost),
    ...shownMoney("charge", row.charge),
    price_version: row.priceVersion ?? null,
    accounts: row.accounts ?? null,
    usage:
      usage === undefined
        ? null
        : {
            prompt: promptTokens(usage),
            input: usage.input,
            cache_read: usage.cacheRead,
            cache_write_5m: usage.cacheWrite5m,
            cache_write_1h: usage.cacheWrite1h,
            output: usage.output,
            reasoning: usage.reasoning,
            ...unitsOf(usage),
            evidence: usage.evidence,
          },
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
