import type { Model } from "../../vocabulary/model.ts";
import type { Service } from "../../vocabulary/service.ts";
import { type PublicNames, suggestion } from "../checks/names.ts";
import type { LoadedConfig } from "../file/load.ts";
import type { Tell } from "../file/problem.ts";

interface Offered {
  readonly models: ReadonlyMap<string, Model>;
  readonly names: PublicNames;
  readonly services: ReadonlyMap<string, Service>;
}

/** The public name of the model for requests that name none. */
export function findDefault(
  request: { readonly loaded: LoadedConfig; readonly listed: boolean },
  { models, names, services }: Offered,
  tell: Tell,
  notices: string[],
): string | undefined {
  const { default_model: model, default_provider: provider } = request.loaded.settings.routing;
  const configured = Object.keys(request.loaded.settings.models).length > 0;
  const listed = [...models.values()].filter((one) => one.listed);
  if (model !== undefined) {
    const name = names.aliases.get(model) ?? model;
    if (models.has(name) || (!model.includes("*") && names.entryOf(model) !== undefined)) return name;
    if (!configured) {
      if (request.listed) notices.push(`default_model ${model} is not offered by any provider found: requests must name a model.`);
      return undefined;
    }
    const known = [...listed.map((one) => one.name), ...names.aliases.keys()];
    tell(["routing", "default_model"], `there is no model named ${model}.`, suggestion(model, known, "models"));
    return undefined;
  }
  if (provider === undefined) return undefined;
  const service = [...services.values()].find((one) => [one.name, one.kind].some((name) => name.toLowerCase() === provider.toLowerCase()));
  if (service !== undefined) return listed.find((one) => one.deployments.some((deployment) => deployment.service === service))?.name;
  const known = [...services.keys()];
  // Seed 001's PROVIDER names services of its own, and what is only discovered may be away today: neither is a reason not to start.
  if (request.loaded.origins.get("routing.default_provider")?.from === "file" && Object.keys(request.loaded.settings.providers).length > 0)
    tell(["routing", "default_provider"], `there is no provider named ${provider}.`, suggestion(provider, known, "providers"));
  else if (configured || request.listed)
    notices.push(`PROVIDER=${provider} names no provider in force (${known.join(", ") || "there is none"}): requests must name a model.`);
  return undefined;
}
