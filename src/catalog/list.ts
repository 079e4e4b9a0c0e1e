import { LRUCache } from "lru-cache";
import type { Caller } from "../vocabulary/caller.ts";
import type { Clock } from "../vocabulary/clock.ts";
import { isLocal } from "../vocabulary/deployment.ts";
import { isWithin, opensAt } from "../vocabulary/hours.ts";
import type { Model } from "../vocabulary/model.ts";
import { isAmong } from "../vocabulary/wildcard.ts";
import type { Models } from "./models.ts";

/** A row of the public model list. */
export interface ListedModel {
  readonly id: string;
  readonly ownedBy: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly aliasOf?: string;
  /** When it can be called next, where that is not now. Milliseconds since 1970. */
  readonly availableFrom?: number;
}

/** May this caller use this model by this name? What a model falls back to is the operator's choice, and not asked for. */
export function mayUse({ models }: Caller, model: Model, name: string): boolean {
  return models === undefined || isAmong(name, models) || (name !== model.name && isAmong(model.name, models));
}

/** Is it served by cloud services only, to a caller who never uses one? */
function isTooFar({ localOnly }: Caller, { deployments }: Model): boolean {
  return localOnly === true && !deployments.some(isLocal);
}

export interface ListRequest {
  readonly models: Models;
  readonly caller: Caller;
  /** Also those that cannot be called at this hour. */
  readonly all: boolean;
}

/** Lists kept at once: for each set of models that keys may use. */
const KEPT = 500;
const MINUTE = 60_000;

/** Lists of models, each made once: the same array for the same models and the same rights, and while no hours begin or end. */
export function modelLists(clock: Pick<Clock, "now">) {
  const created = Math.floor(clock.now() / 1000);
  let of: Models | undefined;
  let timed = false;
  let kept = new LRUCache<string, readonly ListedModel[]>({ max: KEPT });

  const rowOf = (model: Model, name: string, now: number): ListedModel => {
    const { ownedBy } = model;
    return { id: name, ownedBy, created, ...(name === model.name ? {} : { aliasOf: model.name }), ...availability(model, now) };
  };

  return {
    /** One row, for any name a model has. */
    row: (model: Model, name: string): ListedModel => rowOf(model, name, clock.now()),
    /** What the caller may use: names first, then aliases. */
    rows({ models, caller, all }: ListRequest): readonly ListedModel[] {
      if (of !== models) {
        of = models;
        timed = [...models.byName.values()].some(hasHours);
        kept = new LRUCache({ max: KEPT });
      }
      const now = clock.now();
      const key = JSON.stringify([all, caller.models, caller.localOnly === true, timed && Math.floor(now / MINUTE)]);
      const known = kept.get(key);
      if (known !== undefined) return known;
      const rows: ListedModel[] = [];
      const add = (model: Model, name: string) => {
        const row = mayUse(caller, model, name) && !isTooFar(caller, model) ? rowOf(model, name, now) : undefined;
        if (row !== undefined && (all || row.availableFrom === undefined)) rows.push(row);
      };
      for (const model of models.byName.values()) if (model.listed) add(model, model.name);
      for (const [alias, model] of models.byAlias) add(model, alias);
      kept.set(key, rows);
      return rows;
    },
  };
}

/** Are there times at which none of its deployments may be called? */
function hasHours({ deployments }: Model): boolean {
  return deployments.length > 0 && deployments.every(({ hours }) => hours !== undefined);
}

/** When a model can be called next, unless that is now. Hours that never come are far away. */
function availability(model: Model, now: number): Pick<ListedModel, "availableFrom"> {
  if (!hasHours(model) || model.deployments.some(({ hours }) => hours === undefined || isWithin(hours, now))) return {};
  return { availableFrom: Math.min(...model.deployments.map(({ hours }) => (hours && opensAt(hours, now)) ?? NEVER)) };
}

/** The last moment of year 9999. */
const NEVER = 253_402_300_799_000;
