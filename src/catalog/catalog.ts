import type { Caller } from "../vocabulary/caller.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import { nearestName } from "../vocabulary/nearest-name.ts";

/** The models in force: one immutable value, swapped whole on reload. */
export interface Models {
  readonly byName: ReadonlyMap<string, Model>;
  readonly byAlias: ReadonlyMap<string, Model>;
  /** All deployments, by their ids. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** What a request without a model gets. */
  readonly defaultModel?: string;
}

/** A row of the public model list. */
export interface ListedModel {
  readonly id: string;
  readonly ownedBy: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly aliasOf?: string;
}

export interface Catalog {
  /** The model of this name, if the caller may use it. Throws `model-not-found`, or `invalid-request` when none is named. */
  find(name: string, caller: Caller): Model | Promise<Model>;
  /** What this caller may use, aliases included, once discovery has finished. */
  list(caller: Caller): Promise<readonly ListedModel[]>;
  /** What to try instead of a model that failed, whose window is too small, or that refuses; without what does not exist. */
  instead(model: Model, of: "failure" | "overflow" | "refusal"): readonly Model[];
  /** A deployment in force, by its id. */
  deployment(id: string): Deployment | undefined;
  /** Is this a public name? For metric labels. */
  known(name: string): boolean;
  /** The listed names that can be called now. */
  names(): readonly string[];
}

/** Models by an index of names and aliases; of two models with one name the first counts. */
export function modelsOf(models: readonly Model[], defaultModel?: string): Models {
  const byName = new Map<string, Model>();
  const byAlias = new Map<string, Model>();
  for (const model of models) if (!byName.has(model.name)) byName.set(model.name, model);
  for (const model of models) for (const alias of model.aliases) if (!byName.has(alias) && !byAlias.has(alias)) byAlias.set(alias, model);
  const deployments = new Map(models.flatMap((model) => model.deployments.map((deployment) => [deployment.id, deployment])));
  return { byName, byAlias, deployments, defaultModel };
}

/**
 * The catalog over whatever models are in force now. `settling` is the discovery still under way, if any: a name that is not known yet
 * waits for it before it is refused.
 */
export function catalog(current: () => Models, settling: () => Promise<void> | undefined, startedAt: number): Catalog {
  const created = Math.floor(startedAt / 1000);
  const named = (name: string): Model | undefined => current().byName.get(name) ?? current().byAlias.get(name);
  const lookUp = (name: string): Model | undefined => named(name) ?? named(otherTag(name));
  const admit = (model: Model | undefined, name: string, caller: Caller): Model => {
    if (model !== undefined && mayUse(caller, model, name)) return model;
    throw notFound(
      name,
      [...current().byName.values()].filter((each) => mayUse(caller, each, each.name)),
    );
  };
  return {
    find(asked, caller) {
      const name = asked === "" ? current().defaultModel : asked;
      if (name === undefined) throw invalidRequest("model", "model is missing. Name one of the models that GET /v1/models lists.");
      const model = lookUp(name);
      const discovery = settling();
      if (model === undefined && discovery !== undefined) return discovery.then(() => admit(lookUp(name), name, caller));
      return admit(model, name, caller);
    },
    async list(caller) {
      await settling();
      const rows: ListedModel[] = [];
      for (const model of current().byName.values())
        if (model.listed && mayUse(caller, model, model.name)) rows.push({ id: model.name, ownedBy: model.ownedBy, created });
      for (const [alias, model] of current().byAlias)
        if (mayUse(caller, model, alias)) rows.push({ id: alias, ownedBy: model.ownedBy, created, aliasOf: model.name });
      return rows;
    },
    instead: (model, of) => model[INSTEAD[of]].flatMap((name) => lookUp(name) ?? []),
    deployment: (id) => current().deployments.get(id),
    known: (name) => lookUp(name) !== undefined,
    names: () => [...current().byName.values()].filter((model) => model.listed && model.deployments.length > 0).map((model) => model.name),
  };
}

const INSTEAD = { failure: "fallbacks", overflow: "contextFallbacks", refusal: "contentFallbacks" } as const;

/** Ollama's usual tag may be said or left out. */
const LATEST = ":latest";

function otherTag(name: string): string {
  if (name.endsWith(LATEST)) return name.slice(0, -LATEST.length);
  return name.includes(":") ? "" : name + LATEST;
}

function mayUse(caller: Caller, model: Model, name: string): boolean {
  return caller.models === undefined || caller.models.includes(name) || caller.models.includes(model.name);
}

function notFound(name: string, usable: readonly Model[]): Failure {
  const near = nearestName(
    name,
    usable.map((model) => model.name),
  );
  const hint = near === undefined ? "GET /v1/models lists what it may use." : `Did you mean ${JSON.stringify(near)}? GET /v1/models lists all.`;
  return new Failure("model-not-found", `The model ${JSON.stringify(name.slice(0, 200))} does not exist, or this key may not use it. ${hint}`, {
    param: "model",
  });
}
