import type { Model } from "../../vocabulary/model.ts";
import { byLiteralLength, filled, isModelName, starOf, type Wildcard } from "../../vocabulary/wildcard.ts";
import type { DiscoveryRow } from "../discovery.ts";
import type { Tell } from "../file/problem.ts";
import type { ModelSettings, Settings } from "../schema/schema.ts";
import { isAtProvider } from "./deployments.ts";
import { configuredModel, type ModelsRequest } from "./models.ts";

interface WildcardsRequest extends ModelsRequest {
  /** Alias to model. */
  readonly aliases: ReadonlyMap<string, string>;
  /** What the providers list. */
  readonly rows: readonly DiscoveryRow[];
}

/** The models whose names hold a `*`, that which says most first. Tells what is wrong with them. */
export function wildcardsOf(request: WildcardsRequest, tell: Tell): Wildcard[] {
  return patternsOf(request.settings).map(([pattern, model]) => {
    const template = configuredModel({ ...request, name: pattern, model }, tell);
    return { pattern, template, make: (star) => made(pattern, model, star, request) };
  });
}

/** The models that wildcards stand for, as far as their providers list them. `taken` are names that something else has. */
export function listedByWildcards(wildcards: readonly Wildcard[], request: WildcardsRequest, taken: (name: string) => boolean): Map<string, Model> {
  const listed = new Map<string, Model>();
  for (const { pattern, make } of wildcards) {
    for (const deployment of (request.settings.models[pattern]?.deployments ?? []).filter(isAtProvider)) {
      for (const model of ownList(request.rows, deployment.provider) ?? []) {
        const star = starOf(deployment.model, model);
        const name = star === undefined ? "" : filled(pattern, star);
        const served = wildcards.find((one) => starOf(one.pattern, name) !== undefined);
        if (star !== undefined && isModelName(name) && served?.pattern === pattern && !taken(name) && !listed.has(name))
          listed.set(name, { ...make(star), listed: true });
      }
    }
  }
  return listed;
}

/** The providers whose lists say what wildcards stand for. */
export function listedProviders(settings: Settings): Set<string> {
  const deployments = patternsOf(settings).flatMap(([, model]) => model.deployments.filter(isAtProvider));
  return new Set(deployments.flatMap(({ provider, model }) => (model.includes("*") ? provider : [])));
}

function patternsOf(settings: Settings): [string, ModelSettings][] {
  return Object.entries(settings.models)
    .filter(([name]) => name.includes("*"))
    .sort(([one], [other]) => byLiteralLength(one, other));
}

function made(pattern: string, model: ModelSettings, star: string, request: WildcardsRequest): Model {
  const name = filled(pattern, star);
  // A rule may choose a deployment by its id, which holds the star too.
  const choice = (chosen: string | undefined) => (chosen?.includes("/") ? filled(chosen, star) : chosen);
  const others = (fallbacks: readonly string[]) => fallbacks.filter((fallback) => fallback !== name);
  const own: ModelSettings = {
    ...model,
    deployments: model.deployments.map((deployment) => ({ ...deployment, model: deployment.model === undefined ? undefined : filled(deployment.model, star) })),
    rules: model.rules.map((rule) => ({ ...rule, prefer: choice(rule.prefer), only: choice(rule.only) })),
    fallbacks: others(model.fallbacks),
    context_fallbacks: others(model.context_fallbacks),
    content_fallbacks: others(model.content_fallbacks),
  };
  const whole = configuredModel({ ...request, name, model: own }, () => {});
  // A provider that says what it has, and not this, is only asked when nobody else can be.
  const here = whole.deployments.filter((deployment) => {
    const list = ownList(request.rows, deployment.service.name);
    return list === undefined || list.includes(deployment.model) || list.includes(`${deployment.model}:latest`);
  });
  const deployments = here.length > 0 ? here : whole.deployments;
  return { ...whole, deployments, ownedBy: deployments[0]?.service.name ?? "", listed: false };
}

/** What a provider says it has; `undefined` when it has not been asked, or does not say. */
function ownList(rows: readonly DiscoveryRow[], provider: string): readonly string[] | undefined {
  const row = rows.find((one) => one.provider === provider);
  return row?.listed === true ? row.models : undefined;
}
