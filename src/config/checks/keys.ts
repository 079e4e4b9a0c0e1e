import { starOf } from "../../vocabulary/wildcard.ts";
import type { Tell } from "../file/problem.ts";
import type { Settings } from "../schema/schema.ts";
import { type PublicNames, suggestion } from "./names.ts";

/** Tells of keys with one name, and of keys for models that do not exist. `names`: absent while models are only discovered. */
export function checkKeys(settings: Settings, names: PublicNames | undefined, tell: Tell): void {
  if (settings.auth.admin_key !== undefined) checkCharacters(settings.auth.admin_key, ["auth", "admin_key"], tell);
  for (const [index, key] of settings.keys.entries()) {
    checkCharacters(key.key, ["keys", index, "key"], tell);
    const first = settings.keys.findIndex((other) => other.name === key.name);
    if (first !== index) tell(["keys", index, "name"], `there are two keys named ${key.name}.`, "Give each its own name.");
    for (const [step, model] of (key.models ?? []).entries())
      if (names !== undefined && !leadsSomewhere(model, names)) tell(["keys", index, "models", step], noModel(model), suggestion(model, names.known, "models"));
  }
}

/** Is there a model of this name, or one at least that fits this pattern? */
function leadsSomewhere(model: string, names: PublicNames): boolean {
  if (!model.includes("*")) return names.entryOf(model) !== undefined;
  return names.known.some((name) => name === model || starOf(model, name) !== undefined || starOf(name, model) !== undefined);
}

function noModel(model: string): string {
  return model.includes("*") ? `no model's name fits ${model}.` : `there is no model named ${model}.`;
}

/** A key travels in a header. Its own text is never part of the message. */
function checkCharacters(key: string, path: readonly (string | number)[], tell: Tell): void {
  if (!/^[\x21-\x7e]{1,4096}$/.test(key))
    tell(path, "may hold only visible ASCII characters and no spaces, at most 4096.", "Choose another, or no client could send it in a header.");
}
