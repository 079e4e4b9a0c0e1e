import type { Tool } from "../../../../vocabulary/chat.ts";
import { invalidRequest } from "../../../../vocabulary/failure.ts";
import { isObject, type Json, objectOf, stringOf } from "../../../../vocabulary/json.ts";

/** Functions a model may call. Throws `invalid-request` for what is none. */
export function readTools(tools: readonly Json[]): Tool[] {
  return tools.map((value, index) => {
    const path = `tools[${index}]`;
    const tool = objectOf(value);
    if ((tool["type"] ?? "function") !== "function") throw invalidRequest(`${path}.type`, `${path}.type must be function.`);
    const called = objectOf(tool["function"]);
    const name = stringOf(called["name"]);
    if (name === undefined) throw invalidRequest(`${path}.function.name`, `${path}.function.name must be a string.`);
    const parameters = called["parameters"] ?? undefined;
    if (parameters !== undefined && !isObject(parameters))
      throw invalidRequest(`${path}.function.parameters`, `${path}.function.parameters must be a JSON Schema object.`);
    return { name, description: stringOf(called["description"]), parameters };
  });
}
