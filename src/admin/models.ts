import type { EngineReport } from "../fleet/report.ts";
import { type Exchange, jsonReply, type Reply, type Route } from "../gateway/visit/exchange.ts";
import type { StandingReport } from "../routing/running/report.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import type { Deployment } from "../vocabulary/deployment.ts";
import { Failure } from "../vocabulary/failure.ts";
import type { Model } from "../vocabulary/model.ts";
import { shownAtDeployment } from "./fleet/engine-view.ts";
import { idIn } from "./input.ts";
import { shownDeployment, shownModel } from "./model-view.ts";
import { shownStanding } from "./standing-view.ts";

/** Models as management sees them. */
export interface ModelDesk {
  /** All in force, wildcards as they are written. */
  models(): Iterable<Model>;
  /** A deployment in force, by its id. */
  deployment(id: string): Deployment | undefined;
  /** How a deployment is doing; `undefined` as long as nobody has looked at it. */
  standing(id: string): StandingReport | undefined;
  /** How an engine of ours is; `undefined`: there is none of that name. */
  engine(name: string): EngineReport | undefined;
  /** Nothing is held against the deployment any more. */
  reset(id: string): void;
}

type Now = Pick<Clock, "now">;

/** `/admin/models`: every public model and the deployments behind it; `/admin/deployments`: a row for each of these, `?model=` for one's. */
export function modelRoutes(desk: ModelDesk, clock: Now = systemClock): Route[] {
  return [
    { method: "GET", path: "/admin/models", admits: "operator", handle: () => list(listed(desk).map((model) => modelRow(model, desk, clock))) },
    { method: "GET", path: "/admin/deployments", admits: "operator", handle: (exchange) => list(rows(exchange, desk, clock)) },
    { method: "POST", path: "/admin/deployments/*", admits: "operator", action: "deployment.reset", handle: (exchange) => reset(exchange, desk) },
  ];
}

function list(data: readonly object[]): Reply {
  return jsonReply({ data, next: null });
}

function listed(desk: ModelDesk): Model[] {
  return [...desk.models()].filter((model) => model.listed);
}

function modelRow(model: Model, desk: ModelDesk, clock: Now) {
  const { deployments, ...shown } = shownModel(model, clock.now());
  const engines = model.deployments.map((deployment) => engineOf(deployment, desk));
  return { ...shown, deployments: deployments.map((each, at) => ({ ...each, engine: engines[at], resting: desk.standing(each.id)?.resting ?? null })) };
}

/** The engine that a deployment is. */
function engineOf({ engine }: Deployment, desk: ModelDesk) {
  const report = engine === undefined ? undefined : desk.engine(engine);
  return report === undefined ? null : shownAtDeployment(report);
}

function rows({ search }: Exchange, desk: ModelDesk, clock: Now): object[] {
  const wanted = new URLSearchParams(search).get("model");
  return listed(desk)
    .filter((model) => wanted === null || model.name === wanted || model.aliases.includes(wanted))
    .flatMap((model) =>
      model.deployments.map((deployment) => {
        const { model: upstream, ...shown } = shownDeployment(deployment, model, clock.now());
        const standing = shownStanding(deployment, desk.standing(deployment.id));
        return { model: model.name, upstream_model: upstream, ...shown, engine: engineOf(deployment, desk), ...standing };
      }),
    );
}

const RESET = "/reset";

/** `POST /admin/deployments/{id}/reset`; the id has slashes, written as they are or encoded. */
function reset({ rest }: Exchange, desk: ModelDesk): Reply {
  if (!rest.endsWith(RESET))
    throw new Failure("not-found", `There is no POST /admin/deployments/${rest} here. A deployment is reset by POST /admin/deployments/{id}/reset.`);
  const id = idIn(rest.slice(0, -RESET.length));
  const deployment = desk.deployment(id);
  if (deployment === undefined) throw new Failure("not-found", `There is no deployment ${JSON.stringify(id)}. GET /admin/deployments lists them.`);
  desk.reset(id);
  return { ...jsonReply({ id, ...shownStanding(deployment, desk.standing(id)) }), change: { kind: "deployment", id } };
}
