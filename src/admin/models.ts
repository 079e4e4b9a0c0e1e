import { jsonReply, type Route } from "../gateway/visit/exchange.ts";
import { type Clock, systemClock } from "../vocabulary/clock.ts";
import type { Model } from "../vocabulary/model.ts";
import { shownDeployment, shownModel } from "./model-view.ts";
import type { Guard } from "./routes.ts";

/** Models as management sees them. */
export interface ModelDesk {
  /** All in force, wildcards as they are written. */
  models(): Iterable<Model>;
  /** How a deployment is doing, as further fields of its row; absent while nobody knows. */
  standing?(deployment: string): object | undefined;
}

/** `/admin/models`: every public model and the deployments behind it; `/admin/deployments`: a row for each of these, `?model=` for one's. */
export function modelRoutes(desk: ModelDesk, guard: Guard, clock: Pick<Clock, "now"> = systemClock): Route[] {
  const listed = () => [...desk.models()].filter((model) => model.listed);
  return [
    { method: "GET", path: "/admin/models", handle: guard(() => jsonReply({ data: listed().map((model) => shownModel(model, clock.now())), next: null })) },
    {
      method: "GET",
      path: "/admin/deployments",
      handle: guard((exchange) => {
        const wanted = new URLSearchParams(exchange.search).get("model");
        const rows = listed()
          .filter((model) => wanted === null || model.name === wanted || model.aliases.includes(wanted))
          .flatMap((model) =>
            model.deployments.map((deployment) => {
              const { model: upstream, ...shown } = shownDeployment(deployment, model, clock.now());
              return { model: model.name, upstream_model: upstream, ...shown, ...desk.standing?.(deployment.id) };
            }),
          );
        return jsonReply({ data: rows, next: null });
      }),
    },
  ];
}
