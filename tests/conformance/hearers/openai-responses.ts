import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { countProblems, framesIn, type Heard, type HeardFrame } from "./heard.ts";

/** What a client of the Responses API understood. `finish` is the status, or why the response is incomplete. */
export interface HeardResponse extends Heard {
  readonly response: JsonObject;
  readonly output: readonly JsonObject[];
  readonly refusal: string;
  /** Of a stream. */
  readonly events: readonly HeardFrame[];
}

const LAST = new Set(["response.completed", "response.incomplete", "response.failed", "error"]);
const COUNTS = ["input_tokens", "output_tokens", "total_tokens"];
/** What is told piece by piece, and the field of the finished part or item that all pieces are. */
const PIECES: Readonly<Record<string, string>> = {
  "response.output_text": "text",
  "response.refusal": "refusal",
  "response.function_call_arguments": "arguments",
  "response.custom_tool_call_input": "input",
  "response.reasoning_summary_text": "text",
};

/** Reads a whole answer as a strict client does. */
export function hearResponse(text: string): HeardResponse {
  const json = objectOf(parseJson(text));
  return isObject(json["error"]) && json["object"] !== "response" ? understood({}, json["error"], [], []) : understood(json, undefined, [], []);
}

/** Reads a stream as a strict client does: numbered events, one item open at a time, each as it is in the response, which comes last. */
export function hearResponseStream(text: string): HeardResponse {
  const problems: string[] = [];
  const events = framesIn(text, "named", problems);
  const done: Json[] = [];
  const pieces = new Map<string, string>();
  let open: { readonly at: number; readonly id: Json | undefined } | undefined;
  events.forEach(({ event, json }, index) => {
    const type = stringOf(json["type"]) ?? "";
    if (event !== type) problems.push(`the event ${event} says it is ${type}`);
    if (json["sequence_number"] !== index) problems.push(`${type} has the number ${json["sequence_number"]}, not ${index}`);
    if (index === 0 && type !== "response.created" && type !== "error") problems.push(`it begins with ${type}`);
    if (LAST.has(type) !== (index === events.length - 1)) problems.push(`${type} is event ${index} of ${events.length}`);
    const at = numberOf(json["output_index"]);
    if (at === undefined) return;
    if (type === "response.output_item.added") {
      if (open !== undefined) problems.push(`item ${at} is opened while ${open.at} is open`);
      if (at !== done.length) problems.push(`item ${at} is opened as number ${done.length}`);
      open = { at, id: objectOf(json["item"])["id"] };
      return;
    }
    if (open?.at !== at) problems.push(`${type} for item ${at}, which is not open`);
    if (type === "response.output_item.done") {
      if (open !== undefined && objectOf(json["item"])["id"] !== open.id) problems.push(`item ${at} changes its id`);
      done.push(json["item"] ?? null);
      open = undefined;
      return;
    }
    if (json["item_id"] !== open?.id) problems.push(`${type} names the item ${json["item_id"]}`);
    hearPiece(type, json, pieces, problems);
  });
  const last = events.at(-1)?.json ?? {};
  const response = objectOf(last["response"]);
  const error = last["type"] === "error" ? (isObject(last["error"]) ? last["error"] : last) : isObject(response["error"]) ? response["error"] : undefined;
  if (open !== undefined && error === undefined) problems.push(`item ${open.at} is left open`);
  const told = listOf(response["output"]);
  if (last["type"] !== "error" && !isDeepStrictEqual(error === undefined ? told : told.slice(0, done.length), done))
    problems.push("the items of the last event are not those that were done");
  return understood(last["type"] === "error" ? { output: [...done, ...saidOf(open?.id, pieces)] } : response, error, events, problems);
}

/** The text so far of an item that was not finished, as a message. */
function saidOf(id: Json | undefined, pieces: ReadonlyMap<string, string>): Json[] {
  const said = [...pieces].flatMap(([key, text]) => {
    const [what, item] = parseJson(key) as [string, Json];
    return what === "response.output_text" && item === id ? [{ type: "output_text", text }] : [];
  });
  return said.length === 0 ? [] : [{ type: "message", content: said }];
}

function hearPiece(type: string, json: JsonObject, pieces: Map<string, string>, problems: string[]): void {
  const [, what = "", step = ""] = /^(.*)\.(delta|done)$/.exec(type) ?? [];
  const field = PIECES[what];
  if (field === undefined) return;
  const key = JSON.stringify([what, json["item_id"], json["content_index"], json["summary_index"]]);
  if (step === "delta") pieces.set(key, (pieces.get(key) ?? "") + (stringOf(json["delta"]) ?? ""));
  else if (json[field] !== (pieces.get(key) ?? "")) problems.push(`${type} is not what was told piece by piece`);
}

function understood(response: JsonObject, error: JsonObject | undefined, events: readonly HeardFrame[], found: readonly string[]): HeardResponse {
  const problems = [...found];
  const output = listOf(response["output"]).map(objectOf);
  const usage = isObject(response["usage"]) ? response["usage"] : undefined;
  const whole = response["object"] === "response" && typeof response["created_at"] === "number" && typeof response["model"] === "string";
  if (error === undefined && !whole) problems.push("no complete response");
  problems.push(...countProblems(usage, COUNTS));
  const ids = output.map((item) => item["call_id"]).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length || ids.some((id) => typeof id !== "string" || id.length < 1 || id.length > 64)) problems.push(`call ids ${ids}`);
  const contents = output.flatMap((item) => (item["type"] === "message" ? listOf(item["content"]).map(objectOf) : []));
  const joined = (name: string) => contents.map((part) => stringOf(part[name]) ?? "").join("");
  return {
    response,
    output,
    events,
    text: joined("text"),
    refusal: joined("refusal"),
    thinking: output
      .flatMap((item) => (item["type"] === "reasoning" ? listOf(item["summary"]).map((part) => stringOf(objectOf(part)["text"]) ?? "") : []))
      .join("\n\n"),
    calls: output.flatMap((item) =>
      item["type"] === "function_call"
        ? [{ id: stringOf(item["call_id"]) ?? "", name: stringOf(item["name"]) ?? "", arguments: parseJson(stringOf(item["arguments"]) ?? "") }]
        : [],
    ),
    finish: error === undefined ? (stringOf(objectOf(response["incomplete_details"])["reason"]) ?? stringOf(response["status"])) : undefined,
    usage,
    error,
    problems,
  };
}
