import { nearestName } from "../../vocabulary/nearest-name.ts";
import { byLiteralLength, isModelName, starOf } from "../../vocabulary/wildcard.ts";
import type { Tell } from "../file/problem.ts";
import type { Settings } from "../schema/schema.ts";

/** What clients may ask for, and which of `models` that is. */
export interface PublicNames {
  /** Alias to model. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Models and aliases, as written. */
  readonly known: readonly string[];
  /** The entry of `models` that serves this name: its own, its alias', or the wildcard that says most about it. */
  entryOf(name: string): string | undefined;
}

/** The public names of a config. Tells of those that are taken, and of those that no model can have. */
export function publicNames({ models }: Pick<Settings, "models">, tell: Tell): PublicNames {
  const aliases = new Map<string, string>();
  for (const [name, model] of Object.entries(models)) {
    checkName(["models", name], name, tell);
    model.aliases.forEach((alias, index) => {
      const path = ["models", name, "aliases", index];
      const taken = Object.hasOwn(models, alias) ? alias : aliases.get(alias);
      if (name.includes("*") || alias.includes("*"))
        tell(path, "a name with * has no aliases, and is none.", "Name the model under models without *, and give it the alias.");
      else if (taken !== undefined)
        tell(path, `${alias} is already ${taken === alias ? "a model" : `an alias of ${taken}`}.`, "Names of models and aliases must differ.");
      else aliases.set(alias, name);
      checkName(path, alias, tell);
    });
  }
  const patterns = Object.keys(models)
    .filter((name) => name.includes("*"))
    .sort(byLiteralLength);
  const own = (name: string) => (Object.hasOwn(models, name) && !name.includes("*") ? name : undefined);
  return {
    aliases,
    known: [...Object.keys(models), ...aliases.keys()],
    entryOf: (name) => aliases.get(name) ?? own(name) ?? patterns.find((pattern) => starOf(pattern, name) !== undefined),
  };
}

function checkName(path: readonly (string | number)[], name: string, tell: Tell): void {
  if (!isModelName(name)) tell(path, "is no name for a model.", "Choose one of at most 256 characters, without line breaks and the like.");
  if (name.split("*").length > 2) tell(path, "has more than one *.", "One * stands for all that may vary.");
}

/** What to do about a name that is not there: the nearest one, or where to add it. */
export function suggestion(name: string, known: readonly string[], section: string): string {
  const near = nearestName(name, known);
  return near !== undefined
    ? `Did you mean ${near}?`
    : `Add it under ${section}${known.length === 0 ? "" : `, or use one of ${known.slice(0, 8).join(", ")}`}.`;
}
