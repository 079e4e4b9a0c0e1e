import { type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import type { Recording } from "../../../recordings/recordings.ts";
import { type Said, valuesOf } from "./said.ts";

/** The Response an answer ends with, by the plainest reading: the last event that holds a whole one. */
function lastResponse(recording: Recording): JsonObject {
  const values = valuesOf(recording);
  if (recording.stream === false) return values[0] ?? {};
  return objectOf(values.findLast((event) => Array.isArray(objectOf(event["response"])["output"]))?.["response"]);
}

export function saidByOpenaiResponses(recording: Recording): Said {
  const response = lastResponse(recording);
  const items = listOf(response["output"]).map(objectOf);
  const parts = items.filter((item) => item["type"] === "message" && item["role"] === "assistant").flatMap((item) => listOf(item["content"]).map(objectOf));
  const calls = items.flatMap((item) => {
    const name = stringOf(item["name"]) ?? "";
    if (item["type"] === "function_call") return [{ name, arguments: parseJson(stringOf(item["arguments"]) ?? "") ?? {} }];
    return item["type"] === "custom_tool_call" ? [{ name, arguments: { input: item["input"] ?? "" } }] : [];
  });
  const reason = objectOf(response["incomplete_details"])["reason"];
  const refused = reason === "content_filter" || parts.some((part) => part["type"] === "refusal");
  return {
    text: parts.map((part) => stringOf(part["text"]) ?? stringOf(part["refusal"]) ?? "").join(""),
    calls,
    finish: reason === "max_output_tokens" ? "length" : refused ? "refused" : calls.length > 0 ? "calls" : "done",
    rewordedText: false,
  };
}
