import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { countProblems, type Heard } from "./heard.ts";

const COUNTS = ["prompt_eval_count", "eval_count", "total_duration", "load_duration", "prompt_eval_duration", "eval_duration"];

/** What a client of Ollama's own API understood. */
export interface HeardOllama extends Heard {
  readonly lines: readonly JsonObject[];
}

/** Reads a whole answer of `/api/chat` or `/api/generate` as a strict client does. */
export function hearOllama(text: string): HeardOllama {
  return heardIn([parseJson(text)], []);
}

/** Reads a stream as a strict client does: every line an object that says something, the last one, and no other, done or an error. */
export function hearOllamaStream(text: string): HeardOllama {
  const lines = text.split("\n");
  return heardIn(lines.slice(0, -1).map(parseJson), lines.at(-1) === "" ? [] : [`the last line does not end: ${lines.at(-1)?.slice(0, 80)}`]);
}

function heardIn(values: readonly (Json | undefined)[], found: readonly string[]): HeardOllama {
  const lines = values.map(objectOf);
  const failed = lines.find((line) => line["error"] !== undefined);
  const problems = [...found, ...lines.flatMap((line) => (line === failed ? [] : lineProblems(line)))];
  const ends = lines.map((line) => line["done"] === true || line["error"] !== undefined);
  if (ends.indexOf(true) !== lines.length - 1) problems.push("the last line, and no other, is done");
  if (failed !== undefined && typeof failed["error"] !== "string") problems.push("an error that is no text");
  const messages = lines.map(messageOf);
  const joined = (name: string) => messages.map((message) => stringOf(message[name]) ?? "").join("");
  const called = messages.flatMap((message) => listOf(message["tool_calls"]).map(objectOf));
  const last = lines.at(-1) ?? {};
  return {
    lines,
    text: joined("content"),
    thinking: joined("thinking"),
    calls: called.map(({ id, function: call }, index) => ({
      id: stringOf(id) ?? `call ${index}`,
      name: stringOf(objectOf(call)["name"]) ?? "",
      arguments: objectOf(call)["arguments"],
    })),
    finish: failed === undefined ? stringOf(last["done_reason"]) : undefined,
    usage: last["prompt_eval_count"] === undefined && last["eval_count"] === undefined ? undefined : last,
    error: failed === undefined ? undefined : { message: failed["error"] ?? null },
    problems,
  };
}

/** What a line says: in a message of `/api/chat`, in fields of `/api/generate`. */
function messageOf(line: JsonObject): JsonObject {
  return isObject(line["message"]) ? line["message"] : { content: line["response"], thinking: line["thinking"] };
}

function lineProblems(line: JsonObject): string[] {
  const { content, tool_calls: calls } = messageOf(line);
  const sound =
    typeof content === "string" &&
    typeof line["model"] === "string" &&
    typeof line["done"] === "boolean" &&
    !Number.isNaN(Date.parse(String(line["created_at"]))) &&
    listOf(calls).every((call) => isObject(objectOf(objectOf(call)["function"])["arguments"]));
  return [...(sound ? [] : [`not a line: ${JSON.stringify(line).slice(0, 100)}`]), ...countProblems(line, COUNTS)];
}
