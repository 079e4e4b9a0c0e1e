import type { Deployment, Target } from "../vocabulary/deployment.ts";
import type { DialectName } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Operation, Route } from "../vocabulary/service.ts";
import type { Ask } from "./ask.ts";
import type { Mishap, Ranking, Routing, Seat } from "./routing.ts";

/** Operations another one can stand in for, by translation. */
const STANDS_IN: Readonly<Partial<Record<Operation, Operation>>> = { completions: "chat" };

/** Which models are tried instead of one, by what befell it. */
export type Instead = (model: Model, of: Mishap) => readonly Model[];

/** Deployments take turns by weight; fallbacks follow in the order they are written. */
export function routing(instead: Instead): Routing {
  const turns = new Map<string, number>();
  return {
    rank(model, ask): Ranking {
      const own = inTurn(model, ask, turns);
      const others = (of: Mishap) =>
        instead(model, of).flatMap((other) => inTurn(other, ask, turns).map((target) => ({ ...target, why: `fallback ${other.name}: ${target.why}` })));
      if (own.length === 0 && others("failure").length === 0)
        throw new Failure("model-not-found", `The model ${JSON.stringify(model.name)} cannot do ${ask.operation}. Choose one that can.`, { param: "model" });
      const targets = ask.holder === undefined ? own : holderFirst(own, ask.holder);
      return { targets, candidates: targets.map(({ deployment, why }) => ({ deployment: deployment.id, why })), instead: others };
    },
    enter: (target): Seat => ({ target, heard: () => {}, answered: () => {}, finished: () => {}, failed: () => {}, leave: () => {} }),
    wait: () => Promise.reject(new Failure("overloaded", "Every deployment of this model is full.")),
  };
}

function holderFirst(targets: readonly Target[], id: string): readonly Target[] {
  const holder = targets.find(({ deployment }) => deployment.id === id);
  return holder === undefined ? targets : [{ ...holder, why: "it keeps what this goes on from" }, ...targets.filter((each) => each !== holder)];
}

/** Smooth weighted round robin (as nginx does it): each gains its weight, the richest goes first and pays the sum. */
function inTurn(model: Model, wanted: Ask, turns: Map<string, number>): Target[] {
  const able: { readonly deployment: Deployment; readonly route: Route }[] = [];
  for (const deployment of model.deployments) {
    const route = routeFor(deployment, wanted);
    if (route !== undefined) able.push({ deployment, route });
  }
  const only = able[0];
  if (only === undefined) return [];
  if (able.length === 1) return [{ deployment: only.deployment, key: only.deployment.service.keys[0], route: only.route, why: "the only deployment" }];
  const total = able.reduce((sum, { deployment }) => sum + deployment.weight, 0);
  const credit = (deployment: Deployment) => turns.get(`${model.name}\n${deployment.id}`) ?? 0;
  for (const { deployment } of able) turns.set(`${model.name}\n${deployment.id}`, credit(deployment) + deployment.weight);
  const ranked = [...able].sort((left, right) => credit(right.deployment) - credit(left.deployment));
  const first = ranked[0] ?? only;
  turns.set(`${model.name}\n${first.deployment.id}`, credit(first.deployment) - total);
  return ranked.map((target, index) => ({
    ...target,
    key: target.deployment.service.keys[0],
    why: index === 0 ? `its turn (weight ${target.deployment.weight} of ${total})` : "next in turn",
  }));
}

function routeFor(deployment: Deployment, { operation, dialect }: Ask): Route | undefined {
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
