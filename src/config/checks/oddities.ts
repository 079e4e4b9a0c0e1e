import type { Model } from "../../vocabulary/model.ts";
import { costTariff } from "../../vocabulary/tariffs.ts";
import type { Tell } from "../file/problem.ts";
import type { Settings } from "../schema/schema.ts";

/** Tells of what is allowed and has no effect: rules never reached, prices that are not known, a second deployment that is not there, half of a limit. */
export function tellOddities({ models: written, limits }: Settings, models: ReadonlyMap<string, Model>, tell: Tell): void {
  for (const [name, model] of Object.entries(written)) {
    const always = model.rules.findIndex(({ when }) => Object.values(when).every((condition) => condition === undefined));
    if (always >= 0 && always < model.rules.length - 1)
      tell(["models", name, "rules", always + 1], "is never reached: the rule before it always matches.", "Put the rule without conditions last.");
    if (model.hedge !== undefined && model.deployments.length === 1)
      tell(["models", name, "hedge"], "never happens: there is only one deployment.", "Add another deployment, or remove hedge.");
    const resolved = models.get(name);
    if (resolved?.strategy === "cheapest") tellUnpriced(resolved, tell);
  }
  for (const [scope, limit] of Object.entries(limits))
    if (typeof limit === "object" && limit.burst !== undefined && limit.requests_per_second === undefined)
      tell(["limits", scope, "burst"], "has no effect without requests_per_second.", "Add requests_per_second, or remove burst.");
}

function tellUnpriced(model: Model, tell: Tell): void {
  const unpriced = model.deployments.filter((deployment) => costTariff(deployment, model) === undefined);
  if (model.deployments.length === 1 || unpriced.length === 0) return;
  const list = unpriced.map(({ id }) => id).join(", ");
  tell(["models", model.name], `cheapest does not know what ${list} cost${unpriced.length === 1 ? "s" : ""}.`, "Give a price there, or for the whole model.");
}
