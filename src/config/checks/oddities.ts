import type { Tell } from "../file/problem.ts";
import type { ModelSettings, Settings } from "../schema/schema.ts";

/** Tells of what is allowed and has no effect: rules never reached, prices that are not known, a second deployment that is not there, half of a limit. */
export function tellOddities(settings: Settings, tell: Tell): void {
  for (const [name, model] of Object.entries(settings.models)) {
    const always = model.rules.findIndex(({ when }) => Object.values(when).every((condition) => condition === undefined));
    if (always >= 0 && always < model.rules.length - 1)
      tell(["models", name, "rules", always + 1], "is never reached: the rule before it always matches.", "Put the rule without conditions last.");
    if (model.hedge !== undefined && model.deployments.length === 1)
      tell(["models", name, "hedge"], "never happens: there is only one deployment.", "Add another deployment, or remove hedge.");
    if ((model.strategy ?? settings.routing.strategy) === "cheapest") tellUnpriced(name, model, tell);
  }
  for (const [scope, limits] of Object.entries(settings.limits))
    if (typeof limits === "object" && limits.burst !== undefined && limits.requests_per_second === undefined)
      tell(["limits", scope, "burst"], "has no effect without requests_per_second.", "Add requests_per_second, or remove burst.");
  if (settings.routing.strategy === "cheapest" && Object.keys(settings.models).length === 0)
    tell(["routing", "strategy"], "nothing is cheapest: prices of discovered models are not known.", "Name the models under models, with their prices.");
}

function tellUnpriced(name: string, model: ModelSettings, tell: Tell): void {
  const unpriced = model.deployments.filter(({ price = model.price }) => (price?.input ?? price?.output ?? price?.per_request) === undefined);
  if (model.deployments.length === 1 || unpriced.length === 0) return;
  const list = unpriced.map((deployment) => `${deployment.provider}/${deployment.model}`).join(", ");
  tell(["models", name], `cheapest does not know what ${list} cost${unpriced.length === 1 ? "s" : ""}.`, "Give a price there, or for the whole model.");
}
