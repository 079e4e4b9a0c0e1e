import type { Caller } from "../vocabulary/caller.ts";
import type { Model } from "../vocabulary/model.ts";
import type { Signalbox } from "./signalbox.ts";
import type { Visit } from "./visit/visit.ts";

/** May they have it? The model of this name, which the visit is about from here on. Throws `model-not-found`. */
export async function findModel(name: string, caller: Caller, visit: Visit, box: Signalbox): Promise<Model> {
  visit.model = name;
  const model = await box.catalog.find(name, caller);
  visit.model = model.name;
  return model;
}
