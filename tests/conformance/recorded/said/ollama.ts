import { listOf, objectOf, stringOf } from "../../../../src/vocabulary/json.ts";
import type { Recording } from "../../../recordings/recordings.ts";
import { type Said, valuesOf } from "./said.ts";

export function saidByOllama(recording: Recording): Said {
  const values = valuesOf(recording);
  const messages = values.map((value) => objectOf(value["message"]));
  const calls = messages.flatMap((message) => listOf(message["tool_calls"]).map((call) => objectOf(objectOf(call)["function"])));
  const reason = values.map((value) => stringOf(value["done_reason"])).findLast((each) => each !== undefined);
  return {
    text: messages.map((message) => stringOf(message["content"]) ?? "").join(""),
    calls: calls.map((call) => ({ name: stringOf(call["name"]) ?? "", arguments: call["arguments"] ?? {} })),
    finish: calls.length > 0 ? "calls" : reason === "length" ? "length" : "done",
    rewordedText: false,
  };
}
