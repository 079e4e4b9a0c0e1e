import type { AnswerCache } from "../cache/cache.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../gateway/visit/exchange.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";

/** `/admin/cache`: what is kept and what came of it, and having it removed. */
export function cacheRoutes(cache: Pick<AnswerCache, "state" | "clear">, models: () => Iterable<Model>): Route[] {
  const clear = async (exchange: Exchange): Promise<Reply> => {
    const model = modelIn(exchange, models());
    return { ...(await removed(cache, model)), change: { kind: "cache", id: model ?? "*" } };
  };
  return [
    { method: "GET", path: "/admin/cache", admits: "operator", handle: () => show(cache) },
    { method: "DELETE", path: "/admin/cache", admits: "operator", action: "cache.clear", handle: clear },
  ];
}

function show(cache: Pick<AnswerCache, "state">): Reply {
  const { entries, bytes, counts, troubles, questions, shadow } = cache.state();
  return jsonReply({
    entries: entries ?? null,
    bytes: bytes ?? null,
    hits: counts.hit,
    misses: counts.miss,
    shared: counts.shared,
    bypassed: counts.bypass,
    troubles,
    semantic: { hits: counts.semantic, questions, shadow_true: shadow.true, shadow_false: shadow.false },
  });
}

/** Answers are kept under public names; one that is gone from the config may still have some. */
function modelIn({ search }: Exchange, models: Iterable<Model>): string | undefined {
  const asked = new URLSearchParams(search).get("model") ?? undefined;
  for (const { name, aliases } of models) if (asked !== undefined && aliases.includes(asked)) return name;
  return asked;
}

async function removed(cache: Pick<AnswerCache, "clear">, model: string | undefined): Promise<Reply> {
  try {
    return jsonReply({ removed: await cache.clear(model) });
  } catch (cause) {
    throw new Failure("overloaded", "The cache cannot be reached at the moment; some of it may be removed. Try again shortly.", { retryAfter: 5, cause });
  }
}
