import { jsonReply, type Route } from "../gateway/visit/exchange.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Guard } from "./routes.ts";

/** `/admin/models`: every public model and the deployments behind it. */
export function modelRoutes(models: () => Iterable<Model>, guard: Guard): Route[] {
  const shown = (model: Model) => ({
    name: model.name,
    aliases: model.aliases,
    fallbacks: model.fallbacks,
    deployments: model.deployments.map((deployment) => ({
      id: deployment.id,
      provider: deployment.service.name,
      kind: deployment.service.kind,
      model: deployment.model,
      weight: deployment.weight,
      operations: Object.keys(deployment.service.routes),
    })),
  });
  return [
    { method: "GET", path: "/admin/models", handle: guard(() => jsonReply({ data: [...models()].filter((model) => model.listed).map(shown), next: null })) },
  ];
}
