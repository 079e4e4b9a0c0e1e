import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { countProblems, framesIn, type Heard } from "./heard.ts";

/** What a client of Chat Completions understood of the first choice. */
export interface HeardChat extends Heard {
  readonly refusal: string;
}

const COUNTS = ["prompt_tokens", "completion_tokens", "total_tokens"];

/** Reads a whole answer as a strict client does. */
export function hearChat(text: string): HeardChat {
  const json = objectOf(parseJson(text));
  const problems: string[] = [];
  if (isObject(json["error"])) return { text: "", thinking: "", refusal: "", calls: [], error: json["error"], problems };
  if (json["object"] !== "chat.completion") problems.push(`object is ${JSON.stringify(json["object"])}`);
  if (typeof json["id"] !== "string" || json["id"] === "") problems.push("no id");
  if (typeof json["model"] !== "string" || json["model"] === "") problems.push("no model");
  if (!Number.isInteger(json["created"])) problems.push("created is no whole number");
  const choice = objectOf(listOf(json["choices"])[0]);
  const message = objectOf(choice["message"]);
  if (message["role"] !== "assistant") problems.push("the message is not the assistant's");
  if (typeof choice["finish_reason"] !== "string") problems.push("no finish_reason");
  if (!("content" in message)) problems.push("no content");
  const calls = listOf(message["tool_calls"]).map((value) => {
    const call = objectOf(value);
    const called = objectOf(call["function"]);
    if (call["type"] !== "function" || typeof call["id"] !== "string" || call["id"] === "") problems.push("a tool call without type or id");
    if (typeof called["arguments"] !== "string") problems.push("arguments are no text");
    return { id: stringOf(call["id"]) ?? "", name: stringOf(called["name"]) ?? "", arguments: parseJson(stringOf(called["arguments"]) ?? "") };
  });
  const usage = isObject(json["usage"]) ? json["usage"] : undefined;
  return {
    text: stringOf(message["content"]) ?? "",
    thinking: stringOf(message["reasoning_content"]) ?? "",
    refusal: stringOf(message["refusal"]) ?? "",
    calls,
    finish: stringOf(choice["finish_reason"]),
    usage,
    problems: [...problems, ...countProblems(usage, COUNTS)],
  };
}

/** Reads a stream as a strict client does: role first, finish last and once, usage after it, `[DONE]` at the end. */
export function hearChatStream(text: string): HeardChat {
  const problems: string[] = [];
  const calls = new Map<number, { id: string; name: string; arguments: string }>();
  let said = "";
  let thinking = "";
  let refusal = "";
  let finish: string | undefined;
  let usage: JsonObject | undefined;
  let error: JsonObject | undefined;
  let role = false;
  const ids = new Set<Json | undefined>();
  const finished = new Set<Json | undefined>();
  if (!text.endsWith("data: [DONE]\n\n")) problems.push("the last frame is not [DONE]");
  for (const { json } of framesIn(text.replace(/data: \[DONE\]\n\n$/, ""), "nameless", problems)) {
    if (error !== undefined) problems.push("something follows the error");
    if (isObject(json["error"])) {
      error = json["error"];
      continue;
    }
    ids.add(json["id"]);
    if (json["object"] !== "chat.completion.chunk") problems.push(`object is ${JSON.stringify(json["object"])}`);
    if (isObject(json["usage"])) {
      if (finish === undefined) problems.push("usage before the finish");
      if (listOf(json["choices"]).length > 0) problems.push("usage beside choices");
      usage = json["usage"];
      problems.push(...countProblems(usage, COUNTS));
    }
    for (const choice of listOf(json["choices"]).map(objectOf)) {
      if (typeof choice["finish_reason"] === "string") {
        if (finished.has(choice["index"])) problems.push(`choice ${choice["index"]} ends twice`);
        finished.add(choice["index"]);
      }
      if ((numberOf(choice["index"]) ?? -1) !== 0) continue;
      const delta = objectOf(choice["delta"]);
      if (usage !== undefined) problems.push("a choice after the usage");
      if (finish !== undefined) problems.push("a delta after the finish");
      if (delta["role"] === "assistant") {
        if (role) problems.push("a second role");
        role = true;
      } else if (!role) problems.push("a delta before the role");
      said += stringOf(delta["content"]) ?? "";
      thinking += stringOf(delta["reasoning_content"]) ?? "";
      refusal += stringOf(delta["refusal"]) ?? "";
      for (const each of listOf(delta["tool_calls"])) hearCall(objectOf(each), calls, problems);
      finish = stringOf(choice["finish_reason"]) ?? finish;
    }
  }
  if (error === undefined && finish === undefined) problems.push("no finish");
  if (error === undefined && ids.size !== 1) problems.push(`${ids.size} ids`);
  const heard = [...calls.values()].map((call) => ({ ...call, arguments: parseJson(call.arguments) }));
  return { text: said, thinking, refusal, calls: heard, finish, usage, error, problems };
}

function hearCall(delta: JsonObject, calls: Map<number, { id: string; name: string; arguments: string }>, problems: string[]): void {
  const index = numberOf(delta["index"]);
  if (index === undefined) {
    problems.push("a tool call without index");
    return;
  }
  const called = objectOf(delta["function"]);
  const open = calls.get(index);
  if (open !== undefined) {
    open.arguments += stringOf(called["arguments"]) ?? "";
    return;
  }
  const [id, name] = [stringOf(delta["id"]), stringOf(called["name"])];
  if (index !== calls.size) problems.push(`tool call ${index} after ${calls.size}`);
  if (id === undefined || name === undefined || delta["type"] !== "function") problems.push("a tool call that begins without id, type or name");
  calls.set(index, { id: id ?? "", name: name ?? "", arguments: stringOf(called["arguments"]) ?? "" });
}
