import { LRUCache } from "lru-cache";
import type { Deployment } from "../vocabulary/deployment.ts";
import type { Model } from "../vocabulary/model.ts";
import { byLiteralLength, isModelName, starOf, type Wildcard } from "../vocabulary/wildcard.ts";

/** The models in force: one value, swapped whole on reload. */
export interface Models {
  /** Those that exist by name: not what wildcards may make besides. */
  readonly byName: ReadonlyMap<string, Model>;
  readonly byAlias: ReadonlyMap<string, Model>;
  /** All their deployments, by their ids. */
  readonly deployments: ReadonlyMap<string, Deployment>;
  /** The model a wildcard makes of this name; the same one each time, as long as it is not forgotten. */
  made(name: string): Model | undefined;
  /** All of them, and wildcards as they are written. */
  all(): readonly Model[];
  /** A deployment that a wildcard makes, by its id. */
  madeDeployment(id: string): Deployment | undefined;
  /** What a request without a model gets. */
  readonly defaultModel?: string;
}

interface More {
  /** Those that say most first. */
  readonly wildcards?: readonly Wildcard[];
  readonly defaultModel?: string;
}

/** Names asked for that wildcards make are remembered, so many of them. */
const MADE = 2000;

/** Models by an index of names and aliases; of two models with one name the first counts. */
export function modelsOf(models: readonly Model[], { wildcards = [], defaultModel }: More = {}): Models {
  const byName = new Map<string, Model>();
  const byAlias = new Map<string, Model>();
  for (const model of models) if (!byName.has(model.name)) byName.set(model.name, model);
  for (const model of byName.values()) for (const alias of model.aliases) if (!byName.has(alias) && !byAlias.has(alias)) byAlias.set(alias, model);
  const deployments = new Map([...byName.values()].flatMap((model) => model.deployments.map((deployment) => [deployment.id, deployment])));
  const remembered = new LRUCache<string, Model>({ max: MADE });
  const make = (wildcard: Wildcard, name: string, star: string): Model => {
    const model = remembered.get(name) ?? wildcard.make(star);
    remembered.set(name, model);
    return model;
  };
  return {
    byName,
    byAlias,
    deployments,
    defaultModel,
    made(name) {
      const known = remembered.get(name);
      if (known !== undefined || wildcards.length === 0 || !isModelName(name)) return known;
      for (const wildcard of wildcards) {
        const star = starOf(wildcard.pattern, name);
        if (star !== undefined) return make(wildcard, name, star);
      }
      return undefined;
    },
    all: () => [...byName.values(), ...wildcards.map(({ template }) => template)],
    madeDeployment(id) {
      for (const wildcard of wildcards) {
        for (const pattern of wildcard.template.deployments.map((each) => each.id).sort(byLiteralLength)) {
          const star = starOf(pattern, id);
          const found = star === undefined || !isModelName(star) ? undefined : wildcard.make(star).deployments.find((each) => each.id === id);
          if (found !== undefined) return found;
        }
      }
      return undefined;
    },
  };
}
