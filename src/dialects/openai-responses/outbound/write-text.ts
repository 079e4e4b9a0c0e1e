import type { AnswerFormat } from "../../../vocabulary/chat.ts";
import type { JsonObject } from "../../../vocabulary/json.ts";
import type { Writing } from "./writing.ts";

/** `text`: the answer's shape, and how much of it. */
export function writeText({ request: { format, verbosity }, destination: { model, profile }, warnings }: Writing): JsonObject | undefined {
  const dropped = verbosity !== undefined && profile.drop.includes("verbosity");
  if (dropped) warnings.push(`verbosity was dropped: ${model} does not accept it.`);
  const text = { format: writeFormat(format), verbosity: dropped ? undefined : verbosity };
  return text.format === undefined && text.verbosity === undefined ? undefined : text;
}

/** `text.format`, which holds what chats nest in `json_schema`. */
function writeFormat(format: AnswerFormat | undefined): JsonObject | undefined {
  if (format === undefined) return undefined;
  switch (format.type) {
    case "text":
      return { type: "text" };
    case "json":
      return { type: "json_object" };
    case "json-schema":
      return { type: "json_schema", name: format.name, schema: format.schema, strict: format.strict, description: format.description };
  }
}
