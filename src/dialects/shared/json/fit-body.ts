import type { Destination } from "../../../vocabulary/dialect.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";

/** Takes out of a body what the profile drops, with a warning each, and puts what it renames under its other name where nothing stands yet. */
export function fitBody(body: JsonObject, { model, profile }: Destination, warnings: string[]): void {
  for (const name of profile.drop) {
    if (body[name] !== undefined) warnings.push(`${name} was dropped: ${model} does not accept it.`);
    delete body[name];
  }
  for (const [from, to] of Object.entries(profile.rename)) {
    if (body[from] === undefined) continue;
    body[to] ??= body[from];
    delete body[from];
  }
}
