import type { Destination, Outgoing } from "../../../vocabulary/dialect.ts";
import { isObject, type JsonObject } from "../../../vocabulary/json.ts";
import { type Edits, editElements, editTopLevel } from "../../shared/json/edits.ts";
import { fieldOf, spellingsIn } from "../fields.ts";

/** The parts of a call the express lane looks at. */
interface ExpressCall {
  readonly text: string;
  readonly json: JsonObject;
}

/** A model as Google's bodies name it: `models/gemini-2.5-pro`. */
export function resourceName(model: string): string {
  return model.includes("/") ? model : `models/${model}`;
}

/**
 * The client's own text. The model stands in the path, so nothing in it is ours but the model's name where a client repeats it (Google
 * refuses another than the path's), and the fields of `generationConfig` that the profile drops or renames.
 */
export function expressGemini({ text, json }: ExpressCall, destination: Destination): Outgoing {
  const warnings: string[] = [];
  const edits = requestEdits(json, destination, warnings);
  return { body: edits === undefined ? text : editTopLevel(text, edits), warnings };
}

/** What must be edited in a request, or in the body of a `:countTokens` around one; `undefined` when nothing must. */
function requestEdits(json: JsonObject, destination: Destination, warnings: string[]): Edits | undefined {
  const set: Record<string, string | ((old?: string) => string)> = {};
  if (json["model"] !== undefined) set["model"] = JSON.stringify(resourceName(destination.model));
  const inside = (name: string, editsOf: typeof requestEdits) => {
    const inner = fieldOf(json, name);
    const edits = isObject(inner) ? editsOf(inner, destination, warnings) : undefined;
    if (edits === undefined) return;
    for (const spelling of spellingsIn(json, name)) set[spelling] = (old = "null") => (old.startsWith("{") ? editTopLevel(old, edits) : old);
  };
  inside("generateContentRequest", requestEdits);
  inside("generationConfig", configEdits);
  return Object.keys(set).length === 0 ? undefined : { set };
}

function configEdits(config: JsonObject, { model, profile }: Destination, warnings: string[]): Edits | undefined {
  const remove = profile.drop.flatMap((name) => spellingsIn(config, name));
  const rename = Object.fromEntries(Object.entries(profile.rename).flatMap(([from, to]) => spellingsIn(config, from).map((name) => [name, to])));
  if (remove.length === 0 && Object.keys(rename).length === 0) return undefined;
  warnings.push(...remove.map((name) => `${name} was dropped: ${model} does not accept it.`));
  return { remove, rename };
}

/** A body of `:embedContent` or `:batchEmbedContents` as one of the latter, in which every request names the model. */
export function expressEmbeddings({ text, json }: ExpressCall, { model }: Destination): Outgoing {
  const set = { model: JSON.stringify(resourceName(model)) };
  const named = (request: string) => (request.startsWith("{") ? editTopLevel(request, { set }) : request);
  if (json["requests"] === undefined) return { body: `{"requests":[${named(text.trim())}]}`, warnings: [] };
  const requests = (old = "[]") => (old.startsWith("[") ? editElements(old, named) : named(old));
  return { body: editTopLevel(text, { set: { ...(json["model"] === undefined ? {} : set), requests } }), warnings: [] };
}
