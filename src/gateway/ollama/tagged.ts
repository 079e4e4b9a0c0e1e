import type { Caller } from "../../vocabulary/caller.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { nearestName } from "../../vocabulary/nearest-name.ts";
import type { FoundModel, Signalbox } from "../signalbox.ts";

const LATEST = ":latest";

/** The name as Ollama writes it: every model of its has a tag, and clients add the usual one to names without. */
export function tagged(name: string): string {
  return name.includes(":") ? name : name + LATEST;
}

/** The same Signalbox, in whose catalog a model is found with the usual tag and without it. */
export function withTags(box: Signalbox): Signalbox {
  const find = (name: string, caller: Caller) => findTagged(name, caller, box.catalog);
  // A view, not a copy: what the box decides anew for every request it goes on deciding.
  return Object.create(box, { catalog: { value: { ...box.catalog, find } } }) as Signalbox;
}

/** Throws `model-not-found` in words that Ollama's clients look for. */
async function findTagged(name: string, caller: Caller, catalog: Signalbox["catalog"]): Promise<FoundModel> {
  const other = name.endsWith(LATEST) ? name.slice(0, -LATEST.length) : tagged(name);
  for (const each of other === name || other === "" ? [name] : [name, other]) {
    try {
      return await catalog.find(each, caller);
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind !== "model-not-found") throw thrown;
    }
  }
  const names = (await catalog.list(caller)).map(({ id }) => tagged(id));
  const near = nearestName(tagged(name), names);
  const hint = near === undefined ? "GET /api/tags lists the models this key may use." : `Did you mean ${JSON.stringify(near)}? GET /api/tags lists all.`;
  throw new Failure("model-not-found", `model ${JSON.stringify(name.slice(0, 200))} not found. ${hint}`, { param: "model" });
}
