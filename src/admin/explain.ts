import type { Keys } from "../access/keys.ts";
import { openaiChatInbound } from "../dialects/openai-chat/inbound.ts";
import { actor } from "../gateway/guard.ts";
import type { Choice, Rehearsed, Rehearsing } from "../gateway/rehearsal.ts";
import { shownLimits } from "../gateway/serve-my-limits.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../gateway/visit/exchange.ts";
import type { RankedTarget } from "../routing/ranked.ts";
import { MISHAPS } from "../routing/routing.ts";
import type { Target } from "../vocabulary/deployment.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import { shownRule } from "./model-view.ts";

/** What a request would meet, with nobody asked. Rejects with `not-found` or `method-not-allowed` for a path that takes no requests. */
export type ExplainDesk = (request: Rehearsing) => Promise<Rehearsed>;

interface ExplainParts {
  readonly keys: Pick<Keys, "bearer">;
  readonly explain: ExplainDesk;
}

const ROUTE = "/v1/chat/completions";

/** `/admin/explain`: a request, and what would happen to it. `?route=` says where it would be sent, `?key_id=` who would send it. */
export function explainRoutes(parts: ExplainParts): Route[] {
  return [{ method: "POST", path: "/admin/explain", admits: "operator", handle: (exchange) => explain(exchange, parts) }];
}

async function explain(exchange: Exchange, { keys, explain }: ExplainParts): Promise<Reply> {
  const query = new URLSearchParams(exchange.search);
  const [path = "", search = ""] = (query.get("route") ?? ROUTE).split("?", 2);
  const keyId = query.get("key_id");
  const caller = keyId === null ? actor(exchange) : await keys.bearer(keyId);
  try {
    return jsonReply(shown(await explain({ exchange, path, search, caller })));
  } catch (thrown) {
    if (thrown instanceof Failure && (thrown.kind === "not-found" || thrown.kind === "method-not-allowed"))
      throw invalidRequest("route", `route must be a path that takes requests, such as ${ROUTE}: ${thrown.message}`);
    throw thrown;
  }
}

function shown({ visit, choice, cache, limits, refused, face = openaiChatInbound, policy }: Rehearsed) {
  const { attempts, connect, firstToken, idle, total } = policy;
  return {
    model: visit.model === "" ? null : visit.model,
    operation: visit.operation,
    dialect: visit.dialect,
    stream: visit.stream,
    ...(choice === undefined ? NOWHERE : shownChoice(choice)),
    cache: cache ?? null,
    limits: shownLimits(limits, visit.now()),
    budget: { attempts, deadlines: { connect_ms: connect, first_token_ms: firstToken, idle_ms: idle, total_ms: total } },
    ...(refused === undefined
      ? {}
      : { refused: { kind: refused.kind, status: face.writeFailure(refused, visit.id).status, message: refused.message, param: refused.facts.param ?? null } }),
  };
}

const NOWHERE = { rule: null, strategy: null, prompt: null, targets: [], left_out: [], last_resort: [], fallbacks: { failure: [], overflow: [], refusal: [] } };

function shownChoice({ model, ask: { prompt }, ranking }: Choice) {
  const { rule, targets } = ranking;
  const lastResort = ranking.lastResort().map(shownTarget);
  // Outside its hours a model that says nothing of them is one that fails.
  const mishaps = model.outsideSchedule === undefined ? MISHAPS.filter((of) => of !== "closed") : MISHAPS;
  const fallbacks = mishaps.map((of) => [of, ranking.instead(of).map(shownTarget)] as const);
  // Once fallbacks were looked at, those of theirs that are left out are among the candidates, as often as they were looked at.
  const out = ranking.candidates.filter((each) => each.out).map(({ deployment, why }) => ({ deployment, why }));
  const leftOut = new Map(out.map((each) => [`${each.deployment}\n${each.why}`, each]));
  return {
    rule: rule === undefined ? null : { name: rule.name, ...shownRule(rule.rule) },
    strategy: model.strategy,
    prompt:
      prompt === undefined ? null : { bytes: prompt.bytes, tokens: prompt.tokens(), answer_tokens: prompt.answerTokens() ?? null, needs: [...prompt.needs()] },
    targets: targets.map(shownTarget),
    left_out: [...leftOut.values()],
    last_resort: lastResort,
    fallbacks: Object.fromEntries(fallbacks),
  };
}

function shownTarget({ deployment, key, why, score }: Target & Partial<Pick<RankedTarget, "score">>) {
  return { deployment: deployment.id, ...(key.name === "" ? {} : { key: key.name }), why, score: score ?? null };
}
