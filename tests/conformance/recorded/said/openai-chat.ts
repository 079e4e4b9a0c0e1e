import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../../src/vocabulary/json.ts";
import type { Recording } from "../../../recordings/recordings.ts";
import { type Said, valuesOf } from "./said.ts";

const FINISH: Readonly<Record<string, Said["finish"]>> = {
  stop: "done",
  eos: "done",
  length: "length",
  model_length: "length",
  tool_calls: "calls",
  function_call: "calls",
  content_filter: "refused",
};

/** Chat Completions, the first choice. */
export function saidByOpenaiChat(recording: Recording): Said {
  const choices = valuesOf(recording)
    .flatMap((value) => listOf(value["choices"]).map(objectOf))
    .filter((choice) => (choice["index"] ?? 0) === 0);
  const messages = choices.map((choice) => objectOf(typeof recording.response.body === "string" ? choice["delta"] : choice["message"]));
  const calls: { id: Json | undefined; index: Json | undefined; name: string; arguments: string }[] = [];
  for (const call of messages.flatMap(callsIn)) {
    const called = objectOf(call["function"] ?? call["custom"]);
    const open = calls.find((each) => goesOn(each, call, called));
    const text = stringOf(called["arguments"]) ?? stringOf(called["input"]) ?? "";
    if (open === undefined) calls.push({ id: call["id"], index: call["index"], name: stringOf(called["name"]) ?? "", arguments: text });
    else open.arguments += text;
  }
  const refusal = messages.map((message) => stringOf(message["refusal"]) ?? "").join("");
  const finish = FINISH[choices.map((choice) => stringOf(choice["finish_reason"])).findLast((reason) => reason !== undefined) ?? ""];
  return {
    text: messages.map((message) => textIn(message["content"])).join("") + refusal,
    calls: calls.map((call) => ({ name: call.name, arguments: parseJson(call.arguments === "" ? "{}" : call.arguments) ?? null })),
    finish: refusal !== "" ? "refused" : calls.length > 0 && finish === "done" ? "calls" : finish,
    rewordedText: false,
  };
}

/** The calls of a message or delta, the one of the old form among them. */
function callsIn(message: JsonObject): JsonObject[] {
  const old = message["function_call"];
  return [...listOf(message["tool_calls"]).map(objectOf), ...(isObject(old) ? [{ function: old, index: 0 }] : [])];
}

/** Is this piece more of that call? */
function goesOn(open: { readonly id: Json | undefined; readonly index: Json | undefined }, call: JsonObject, called: JsonObject): boolean {
  const { id, index } = call;
  if (index === undefined || index === null) return !id;
  return open.index === index && (!id || !called["name"] || open.id === id);
}

function textIn(content: Json | undefined): string {
  if (typeof content === "string") return content;
  return listOf(content)
    .map((part) => stringOf(objectOf(part)["text"]) ?? "")
    .join("");
}
