import type { Change } from "../gateway/visit/exchange.ts";
import { type JsonObject, objectOf, parseJson } from "../vocabulary/json.ts";

/** What became of something, for the audit log: the fields that differ as management shows them, those that are there of something new. */
export function changeOf(kind: string, id: string, views: { readonly before?: object; readonly after?: object }): Change {
  const [before, after] = [jsonOf(views.before), jsonOf(views.after)];
  return { kind, id, before: views.before && unlike(before, after), after: views.after && unlike(after, before) };
}

/** The fields of one that are not the same in the other; what is `null` in one and absent from the other is the same. */
function unlike(one: JsonObject, other: JsonObject): JsonObject {
  const fields = Object.entries(one).filter(([name, value]) => JSON.stringify(value ?? null) !== JSON.stringify(other[name] ?? null));
  return Object.fromEntries(fields);
}

function jsonOf(view: object | undefined): JsonObject {
  return objectOf(parseJson(JSON.stringify(view ?? {})));
}
