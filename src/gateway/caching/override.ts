import { isOverride } from "../../cache/directives.ts";
import { editTopLevel } from "../../dialects/shared/json/edits.ts";
import type { Call } from "../../vocabulary/dialect.ts";
import type { JsonObject } from "../../vocabulary/json.ts";

/** The call as upstreams get it: without the `cache` field that is meant for us. Any other call as it is. */
export function withoutOverride<Asked extends Call<{ readonly extras: JsonObject }>>(call: Asked): Asked {
  if (call.json["cache"] === undefined || !isOverride(call.json["cache"])) return call;
  const { cache: _, ...json } = call.json;
  const request = () => {
    const { extras, ...asked } = call.request();
    const { cache: _, ...others } = extras;
    return { ...asked, extras: others };
  };
  return { ...call, json, text: editTopLevel(call.text, { remove: ["cache"] }), request };
}
