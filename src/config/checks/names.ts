import { nearestName } from "../../vocabulary/nearest-name.ts";
import type { Settings } from "../schema/schema.ts";
import type { Path } from "./problem.ts";

/** Notes a problem at a path, with what to do about it. */
export type Tell = (path: Path, message: string, fix: string) => void;

/** Alias to model. Tells of names that are taken. */
export function followAliases(settings: Settings, tell: Tell): Map<string, string> {
  const aliases = new Map<string, string>();
  for (const [name, model] of Object.entries(settings.models)) {
    model.aliases.forEach((alias, index) => {
      const path = ["models", name, "aliases", index];
      const taken = Object.hasOwn(settings.models, alias) ? alias : aliases.get(alias);
      if (taken !== undefined)
        tell(path, `${alias} is already ${taken === alias ? "a model" : `an alias of ${taken}`}.`, "Names of models and aliases must differ.");
      else aliases.set(alias, name);
    });
  }
  return aliases;
}

/** Tells of fallbacks that lead nowhere or round in a ring. */
export function checkFallbacks(settings: Settings, aliases: ReadonlyMap<string, string>, tell: Tell): void {
  const known = [...Object.keys(settings.models), ...aliases.keys()];
  const next = (name: string) => (settings.models[name]?.fallbacks ?? []).map((fallback) => aliases.get(fallback) ?? fallback);
  for (const [name, model] of Object.entries(settings.models)) {
    for (const [index, fallback] of model.fallbacks.entries()) {
      const path = ["models", name, "fallbacks", index];
      if (!known.includes(fallback)) {
        tell(path, `there is no model named ${fallback}.`, suggestion(fallback, known, "models"));
        continue;
      }
      const round = wayTo(name, aliases.get(fallback) ?? fallback, next, [name]);
      // Each ring is told once: at its first model in the file.
      if (round !== undefined && firstOf(settings, round) === name)
        tell(path, `fallbacks go round in a ring: ${round.join(" → ")}.`, "Remove one of these fallbacks.");
    }
  }
}

function firstOf(settings: Settings, ring: readonly string[]): string | undefined {
  return Object.keys(settings.models).find((name) => ring.includes(name));
}

function wayTo(goal: string, at: string, next: (name: string) => readonly string[], way: readonly string[]): readonly string[] | undefined {
  if (at === goal) return [...way, at];
  if (way.includes(at)) return undefined;
  for (const following of next(at)) {
    const found = wayTo(goal, following, next, [...way, at]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tells of keys with one name, and of keys for models that do not exist. `known`: absent while models are only discovered. */
export function checkKeys(settings: Settings, known: readonly string[] | undefined, tell: Tell): void {
  if (settings.auth.admin_key !== undefined) checkCharacters(settings.auth.admin_key, ["auth", "admin_key"], tell);
  for (const [index, key] of settings.keys.entries()) {
    checkCharacters(key.key, ["keys", index, "key"], tell);
    const first = settings.keys.findIndex((other) => other.name === key.name);
    if (first !== index) tell(["keys", index, "name"], `there are two keys named ${key.name}.`, "Give each its own name.");
    for (const [step, model] of (key.models ?? []).entries())
      if (known !== undefined && !known.includes(model))
        tell(["keys", index, "models", step], `there is no model named ${model}.`, suggestion(model, known, "models"));
  }
}

/** A key travels in a header. Its own text is never part of the message. */
function checkCharacters(key: string, path: Path, tell: Tell): void {
  if (!/^[\x21-\x7e]{1,4096}$/.test(key))
    tell(path, "may hold only visible ASCII characters and no spaces, at most 4096.", "Choose another, or no client could send it in a header.");
}

/** What to do about a name that is not there: the nearest one, or where to add it. */
export function suggestion(name: string, known: readonly string[], section: string): string {
  const near = nearestName(name, known);
  return near !== undefined
    ? `Did you mean ${near}?`
    : `Add it under ${section}${known.length === 0 ? "" : `, or use one of ${known.slice(0, 8).join(", ")}`}.`;
}
