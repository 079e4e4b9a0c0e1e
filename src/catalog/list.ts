import { LRUCache } from "lru-cache";
import type { Caller } from "../vocabulary/caller.ts";
import { type Deployment, isLocal } from "../vocabulary/deployment.ts";
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

/** What says whether a model can be called now. Times are milliseconds since 1970. */
export interface Opening {
  now(): number;
  /** From when on an engine of ours can be called: a time that is over where it can be now, `undefined` when that is not to be foreseen. Absent: there are none. */
  engineOpens?(engine: string): number | undefined;
}

/** Lists kept at once: for each set of models that keys may use. */
const KEPT = 500;
const MINUTE = 60_000;

/** Lists of models, each made once: the same array for the same models and the same rights, and while no hours begin or end and no engines come or go. */
export function modelLists(opening: Opening) {
  const created = Math.floor(opening.now() / 1000);
  let of: Models | undefined;
  let timed = false;
  let engines: readonly string[] = [];
  let kept = new LRUCache<string, readonly ListedModel[]>({ max: KEPT });

  const rowOf = (model: Model, name: string, now: number): ListedModel => {
    const { ownedBy } = model;
    return { id: name, ownedBy, created, ...(name === model.name ? {} : { aliasOf: model.name }), ...availability(model, now, opening) };
  };

  return {
    /** One row, for any name a model has. */
    row: (model: Model, name: string): ListedModel => rowOf(model, name, opening.now()),
    /** What the caller may use: names first, then aliases. */
    rows({ models, caller, all }: ListRequest): readonly ListedModel[] {
      if (of !== models) {
        of = models;
        timed = [...models.byName.values()].some(hasHours);
        engines = [...new Set([...models.deployments.values()].flatMap(({ engine }) => engine ?? []))];
        kept = new LRUCache({ max: KEPT });
      }
      const now = opening.now();
      const opens = engines.map((engine) => engineFrom(engine, now, opening));
      const key = JSON.stringify([all, caller.models, caller.localOnly === true, timed && Math.floor(now / MINUTE), opens]);
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

/** When a model can be called next, unless that is now, or another is asked for it then. Hours that never come are far away. */
function availability({ deployments, outsideSchedule }: Model, now: number, opening: Opening): Pick<ListedModel, "availableFrom"> {
  if (deployments.length === 0 || typeof outsideSchedule === "object") return {};
  const from = Math.min(...deployments.map((deployment) => deploymentFrom(deployment, now, opening)));
  return from <= now ? {} : { availableFrom: from };
}

/** From when on it can be called; 0: it can. */
function deploymentFrom({ hours, engine }: Deployment, now: number, opening: Opening): number {
  const byHours = hours === undefined || isWithin(hours, now) ? 0 : (opensAt(hours, now) ?? NEVER);
  return engine === undefined ? byHours : Math.max(byHours, engineFrom(engine, now, opening));
}

function engineFrom(engine: string, now: number, { engineOpens }: Opening): number {
  const from = engineOpens === undefined ? 0 : (engineOpens(engine) ?? NEVER);
  return from <= now ? 0 : from;
}

/** The last moment of year 9999. */
const NEVER = 253_402_300_799_000;
