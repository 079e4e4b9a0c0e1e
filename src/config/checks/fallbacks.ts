import type { Tell } from "../file/problem.ts";
import { ringOver } from "../ring.ts";
import type { Settings } from "../schema/schema.ts";
import { type PublicNames, suggestion } from "./names.ts";

type List = "fallbacks" | "context_fallbacks" | "content_fallbacks";
const LISTS: readonly List[] = ["fallbacks", "context_fallbacks", "content_fallbacks"];

/** Tells of fallbacks that lead nowhere or, within one kind of list, round in a ring; and of models that are to answer instead and are not there. */
export function checkFallbacks(settings: Pick<Settings, "models">, names: PublicNames, tell: Tell): void {
  for (const list of LISTS) checkList(list, settings, names, tell);
  checkTakeovers(settings, names, tell);
}

/** Another model may answer outside a model's hours: there is to be one. */
function checkTakeovers({ models }: Pick<Settings, "models">, names: PublicNames, tell: Tell): void {
  for (const [entry, { outside_schedule: outside }] of Object.entries(models)) {
    if (typeof outside !== "object") continue;
    const path = ["models", entry, "outside_schedule", "alias"];
    const found = outside.alias.includes("*") ? undefined : names.entryOf(outside.alias);
    if (outside.alias.includes("*")) tell(path, `${outside.alias} stands for many models.`, "Name one of them.");
    else if (found === undefined) tell(path, `there is no model named ${outside.alias}.`, suggestion(outside.alias, names.known, "models"));
    else if (found === entry && !entry.includes("*")) tell(path, "is the model itself.", "Name another one.");
  }
}

function checkList(list: List, { models }: Pick<Settings, "models">, names: PublicNames, tell: Tell): void {
  const order = Object.keys(models);
  const next = (entry: string) =>
    (models[entry]?.[list] ?? []).flatMap((fallback) => {
      const found = names.entryOf(fallback);
      // Two names of one wildcard are two models.
      return found === undefined || (found === entry && entry.includes("*")) ? [] : [found];
    });
  for (const [entry, model] of Object.entries(models)) {
    for (const [index, fallback] of model[list].entries()) {
      const path = ["models", entry, list, index];
      const found = fallback.includes("*") ? undefined : names.entryOf(fallback);
      if (fallback.includes("*")) tell(path, `${fallback} stands for many models.`, "Name one of them.");
      else if (found === undefined) tell(path, `there is no model named ${fallback}.`, suggestion(fallback, names.known, "models"));
      if (found === undefined || (found === entry && entry.includes("*"))) continue;
      const round = ringOver(found, entry, next);
      // Each ring is told once: at its first model in the file.
      if (round !== undefined && order.find((name) => round.includes(name)) === entry)
        tell(path, `${list} go round in a ring: ${round.join(" → ")}.`, `Remove one of these ${list}.`);
    }
  }
}
