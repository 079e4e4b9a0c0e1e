import type { Deployment } from "../vocabulary/deployment.ts";
import { type Hours, isWithin, opensAt } from "../vocabulary/hours.ts";
import type { Conditions, Model, Rule } from "../vocabulary/model.ts";
import { costTariff } from "../vocabulary/tariffs.ts";
import { shownTariff } from "./money/price-view.ts";

/** A model as management shows it, in the config's own words. */
export function shownModel(model: Model, now: number) {
  return {
    name: model.name,
    aliases: model.aliases,
    owned_by: model.ownedBy,
    wildcard: model.name.includes("*"),
    strategy: model.strategy,
    rules: model.rules.map(shownRule),
    fallbacks: model.fallbacks,
    context_fallbacks: model.contextFallbacks,
    content_fallbacks: model.contentFallbacks,
    hedge: model.hedge === undefined ? null : { after_ms: model.hedge.after, percent: model.hedge.percent },
    ...(model.price === undefined ? { price: null } : shownTariff(model.price, "model", now)),
    deployments: model.deployments.map((deployment) => shownDeployment(deployment, model, now)),
  };
}

/** A deployment of a model. */
export function shownDeployment(deployment: Deployment, model: Model, now: number) {
  const { limits, service, hours } = deployment;
  return {
    id: deployment.id,
    provider: service.name,
    kind: service.kind,
    model: deployment.model,
    weight: deployment.weight,
    priority: deployment.tier,
    tags: deployment.tags,
    limits: {
      max_concurrent: limits.maxConcurrent ?? null,
      max_queue: limits.maxQueue ?? null,
      requests_per_minute: limits.requestsPerMinute ?? null,
      tokens_per_minute: limits.tokensPerMinute ?? null,
    },
    max_batch: deployment.maxBatch ?? null,
    context_window: deployment.contextWindow ?? null,
    abilities: deployment.abilities ?? null,
    ...shownTariff(costTariff(deployment, model), deployment.price === undefined ? "model" : "deployment", now),
    hours: hours === undefined ? null : shownHours(hours),
    available_from: hours === undefined || isWithin(hours, now) ? null : timeText(opensAt(hours, now)),
    keys: service.keys.length,
    operations: Object.keys(service.routes),
  };
}

/** A rule of a model. */
export function shownRule({ when, prefer, only, sticky, priority = 0 }: Rule) {
  return { when: shownConditions(when), prefer, only, sticky, priority };
}

function shownConditions({ promptTokensOver, promptTokensUnder, hours, source, user, tag, ability }: Conditions) {
  return {
    prompt_tokens_over: promptTokensOver,
    prompt_tokens_under: promptTokensUnder,
    source,
    user,
    tag,
    ability,
    time: hours === undefined ? undefined : shownHours(hours),
  };
}

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

function shownHours({ from, to, days, timeZone }: Hours) {
  return { from: timeOfDay(from), to: timeOfDay(to), days: days?.map((day) => DAYS[day]), timezone: timeZone };
}

function timeOfDay(minutes: number): string {
  return [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, "0")).join(":");
}

function timeText(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
