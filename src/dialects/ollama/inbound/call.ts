import type { ChatCall, HeaderView } from "../../../vocabulary/dialect.ts";
import { type Json, type JsonObject, stringOf } from "../../../vocabulary/json.ts";
import { checkFields, type FieldType, readBody } from "../../shared/json/body.ts";

/** A call of Ollama's clients, who do not always ask a model something. */
export interface OllamaCall extends ChatCall {
  /** There is nothing to answer: the model is to be made ready, or put away. */
  readonly residence?: "load" | "unload";
  /** A text is to be continued as it stands. */
  readonly completes?: boolean;
}

const TYPES: ReadonlyMap<string, FieldType> = new Map(
  Object.entries<FieldType>({
    ...{ model: "string", messages: "array", tools: "array", options: "object", stream: "boolean", logprobs: "boolean", top_logprobs: "integer" },
    ...{ prompt: "string", suffix: "string", system: "string", template: "string", context: "array", images: "array", raw: "boolean" },
  }),
);

/** The body of a call. Throws `invalid-request` for a field of the wrong type. */
export function readOwnBody(text: string): JsonObject {
  const json = readBody(text);
  checkFields(json, TYPES);
  return json;
}

/** What every call says. It streams unless the body says not to. */
export function callOf(json: JsonObject, { text, headers }: { readonly text: string; readonly headers: HeaderView }) {
  return { model: stringOf(json["model"]) ?? "", text, headers, json, stream: json["stream"] !== false, wantsUsage: true };
}

/** What a request without anything to answer wants: to keep the model for no time at all is to put it away. */
export function residenceFor(keepAlive: Json | undefined): "load" | "unload" {
  return keepAlive === 0 || (typeof keepAlive === "string" && /^[^1-9]*0[^1-9]*$/.test(keepAlive)) ? "unload" : "load";
}
