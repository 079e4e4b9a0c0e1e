import type { Caller } from "../vocabulary/caller.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import { Failure, invalidRequest } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import { nearestName } from "../vocabulary/nearest-name.ts";
import { type ListedModel, mayUse, modelLists, type Opening } from "./list.ts";
import type { Models } from "./models.ts";

export interface Catalog {
  /** The model of this name, if the caller may use it. Throws `model-not-found`, or `invalid-request` when none is named. */
  find(name: string, caller: Caller): Model | Promise<Model>;
  /**
   * What this caller may use now, aliases included, once discovery has finished; `all`: at other hours too. The same array as long as
   * nothing changes: what is made of it can be kept with it.
   */
  list(caller: Caller, all?: boolean): Promise<readonly ListedModel[]>;
  /** The row of one name, listed or not. Throws like `find`. */
  describe(name: string, caller: Caller): Promise<ListedModel>;
  /** What to try instead of a model that failed, whose window is too small, that refuses, or whose hours it is not; without what does not exist. */
  instead(model: Model, of: "failure" | "overflow" | "refusal" | "closed"): readonly Model[];
  /** A deployment in force, by its id. */
  deployment(id: string): Deployment | undefined;
  /** Is this a name that the operator or a provider gave? For metric labels: what clients make up under a wildcard is not. */
  known(name: string): boolean;
  /** The listed names that can be called. */
  names(): readonly string[];
}

/**
 * The catalog over whatever models are in force now. `settling` is the discovery still under way, if any: a name that is not known yet
 * waits for it before it is refused.
 */
export function catalog(current: () => Models, settling: () => Promise<void> | undefined, opening: Opening): Catalog {
  const lists = modelLists(opening);
  const named = (name: string): Model | undefined => current().byName.get(name) ?? current().byAlias.get(name);
  const existing = (name: string): Model | undefined => named(name) ?? named(otherTag(name));
  const lookUp = (name: string): Model | undefined => existing(name) ?? current().made(name);
  const admit = (model: Model | undefined, name: string, caller: Caller): Model => {
    if (model !== undefined && mayUse(caller, model, name)) return model;
    throw notFound(
      name,
      [...current().byName.values()].filter((each) => mayUse(caller, each, each.name)),
    );
  };
  const find: Catalog["find"] = (asked, caller) => {
    const name = asked === "" ? current().defaultModel : asked;
    if (name === undefined) throw invalidRequest("model", "model is missing. Name one of the models that GET /v1/models lists.");
    const model = lookUp(name);
    const discovery = settling();
    if (model === undefined && discovery !== undefined) return discovery.then(() => admit(lookUp(name), name, caller));
    return admit(model, name, caller);
  };
  return {
    find,
    async list(caller, all = false) {
      await settling();
      return lists.rows({ models: current(), caller, all });
    },
    async describe(name, caller) {
      await settling();
      return lists.row(await find(name, caller), name);
    },
    instead: (model, of) => namesInstead(model, of).flatMap((name) => lookUp(name) ?? []),
    deployment: (id) => current().deployments.get(id) ?? current().madeDeployment(id),
    known: (name) => existing(name) !== undefined,
    names: () => [...current().byName.values()].filter((model) => model.listed && model.deployments.length > 0).map((model) => model.name),
  };
}

function namesInstead({ fallbacks, contextFallbacks, contentFallbacks, outsideSchedule }: Model, of: Parameters<Catalog["instead"]>[1]): readonly string[] {
  switch (of) {
    case "failure":
      return fallbacks;
    case "overflow":
      return contextFallbacks;
    case "refusal":
      return contentFallbacks;
    case "closed":
      if (outsideSchedule === undefined) return fallbacks;
      return typeof outsideSchedule === "string" ? [] : [outsideSchedule.alias, ...fallbacks];
    default:
      return of satisfies never;
  }
}

/** Ollama's usual tag may be said or left out. */
const LATEST = ":latest";

function otherTag(name: string): string {
  if (name.endsWith(LATEST)) return name.slice(0, -LATEST.length);
  return name.includes(":") ? "" : name + LATEST;
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
