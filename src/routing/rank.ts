import type { DialectName } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Deployment, Operation, Route, Target } from "../vocabulary/service.ts";

/** What routing knows of a model. */
export interface RoutedModel {
  readonly name: string;
  readonly deployments: readonly Deployment[];
}

/** What is wanted of it, and the dialect it was asked for in: services that speak it too are asked in it. */
export interface Wanted {
  readonly operation: Operation;
  readonly dialect: DialectName;
  /** The deployment, by its id, that keeps what the request goes on from: it comes first, if it is among them at all. */
  readonly holder?: string;
}

export interface Routing {
  /** The model's deployments that can do this, then its fallbacks', best first. Throws `invalid-request` when none can. */
  rank(model: RoutedModel, wanted: Wanted): readonly Target[];
}

/** Operations another one can stand in for, by translation. */
const STANDS_IN: Readonly<Partial<Record<Operation, Operation>>> = { completions: "chat" };

/** Deployments take turns by weight; fallbacks follow in the order they are written. */
export function routing(fallbacks: (model: RoutedModel) => readonly RoutedModel[]): Routing {
  const turns = new Map<string, number>();
  return {
    rank(model, wanted) {
      const targets = inTurn(model, wanted, turns);
      for (const other of fallbacks(model)) {
        for (const target of inTurn(other, wanted, turns)) targets.push({ ...target, why: `fallback ${other.name}: ${target.why}` });
      }
      if (targets.length === 0)
        throw new Failure("model-not-found", `The model ${JSON.stringify(model.name)} cannot do ${wanted.operation}. Choose one that can.`, { param: "model" });
      return wanted.holder === undefined ? targets : holderFirst(targets, wanted.holder);
    },
  };
}

function holderFirst(targets: readonly Target[], id: string): readonly Target[] {
  const holder = targets.find(({ deployment }) => deployment.id === id);
  return holder === undefined ? targets : [{ ...holder, why: "it keeps what this goes on from" }, ...targets.filter((each) => each !== holder)];
}

/** Smooth weighted round robin (as nginx does it): each gains its weight, the richest goes first and pays the sum. */
function inTurn(model: RoutedModel, wanted: Wanted, turns: Map<string, number>): Target[] {
  const able: { readonly deployment: Deployment; readonly route: Route }[] = [];
  for (const deployment of model.deployments) {
    const route = routeFor(deployment, wanted);
    if (route !== undefined) able.push({ deployment, route });
  }
  const only = able[0];
  if (only === undefined) return [];
  if (able.length === 1) return [{ deployment: only.deployment, route: only.route, why: "the only deployment" }];
  const total = able.reduce((sum, { deployment }) => sum + deployment.weight, 0);
  const credit = (deployment: Deployment) => turns.get(`${model.name}\n${deployment.id}`) ?? 0;
  for (const { deployment } of able) turns.set(`${model.name}\n${deployment.id}`, credit(deployment) + deployment.weight);
  const ranked = [...able].sort((left, right) => credit(right.deployment) - credit(left.deployment));
  const first = ranked[0] ?? only;
  turns.set(`${model.name}\n${first.deployment.id}`, credit(first.deployment) - total);
  return ranked.map((target, index) => ({ ...target, why: index === 0 ? `its turn (weight ${target.deployment.weight} of ${total})` : "next in turn" }));
}

function routeFor(deployment: Deployment, { operation, dialect }: Wanted): Route | undefined {
  const other = STANDS_IN[operation];
  const own = openRoutes(deployment, operation);
  const open = own.length > 0 || other === undefined ? own : openRoutes(deployment, other);
  const speaking = (wanted: DialectName | undefined) => open.find((route) => route.dialect === wanted);
  return speaking(dialect) ?? speaking(deployment.profile.translatedTo) ?? open[0];
}

/** A model's one dialect is one of chats; embeddings have dialects of their own. */
function openRoutes({ service, profile }: Deployment, operation: Operation): readonly Route[] {
  const all = service.routes[operation] ?? [];
  return profile.dialect === undefined || operation === "embeddings" ? all : all.filter((route) => route.dialect === profile.dialect);
}
