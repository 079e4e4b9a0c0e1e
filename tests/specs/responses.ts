import { isObject, type Json, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { specification } from "./openapi.ts";

const openai = specification("openai.openapi.json");

/** Every way in which a body for `POST /responses` is not what OpenAI's schema says; none too where the schema is not at hand. */
export function responsesMisfits(body: Json | undefined): string[] {
  const json = objectOf(body);
  const input = Array.isArray(json["input"]) ? json["input"].map(asStored) : json["input"];
  return openai?.misfits({ ...json, input: input ?? null }, "CreateResponse") ?? [];
}

/**
 * The one exception. A refusal is a part of an assistant's message, and the schema knows such parts in stored messages only, with what a stored
 * one has. The service answers without: recorded requests have it neither.
 */
function asStored(item: Json): Json {
  const { role, content } = objectOf(item);
  if (role !== "assistant" || !listOf(content).some((part) => objectOf(part)["type"] === "refusal")) return item;
  const parts = listOf(content).map((part) => (objectOf(part)["type"] === "output_text" && isObject(part) ? { ...part, annotations: [], logprobs: [] } : part));
  return { ...objectOf(item), type: "message", id: "msg_1", status: "completed", content: parts };
}
