import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { hearMessage, hearMessageStream } from "../conformance/recorded/messages-client.ts";

/** What is written for a client must be sound, whatever it was made from. Each throws what is not; the whole answer is there when the stream came to its end. */
export type Check = (stream: string, answer: string | undefined) => void;

export function checkCounts(counts: Json | undefined, names: readonly string[]): void {
  if (!isObject(counts)) return;
  for (const name of names) {
    const count = counts[name] ?? 0;
    if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) throw new Error(`${name} is ${count}`);
  }
}

export const OPENAI_COUNTS: readonly string[] = ["prompt_tokens", "completion_tokens", "total_tokens"];

/** Every frame is JSON with whole counts, no choice ends twice, and the end mark is the last. */
export function checkChunks(text: string, answer: string | undefined): void {
  const frames = text.split("\n\n").filter(Boolean);
  if (frames.pop() !== "data: [DONE]") throw new Error("the stream has no end mark");
  const finished = new Set<Json | undefined>();
  for (const data of frames) {
    const json = parseJson(data.replace(/^data: /, ""));
    if (!isObject(json)) throw new Error(`a frame is no JSON object: ${data.slice(0, 200)}`);
    checkCounts(json["usage"], OPENAI_COUNTS);
    for (const choice of listOf(json["choices"]).map(objectOf)) {
      if (choice["finish_reason"] === null || choice["finish_reason"] === undefined) continue;
      if (finished.has(choice["index"])) throw new Error(`choice ${choice["index"]} ends twice`);
      finished.add(choice["index"]);
    }
  }
  if (answer !== undefined) checkCounts(objectOf(JSON.parse(answer))["usage"], OPENAI_COUNTS);
}

/** In the order Anthropic's clients insist on, streamed and whole. */
export function checkMessage(stream: string, answer: string | undefined): void {
  for (const { problems, content } of [hearMessageStream(stream), ...(answer === undefined ? [] : [hearMessage(answer)])]) {
    // Arguments that an upstream broke are broken in a stream, and a call it did not name has no name.
    const ours = problems.filter((problem) => problem !== "a call without id, name or input");
    if (ours.length > 0) throw new Error(`${ours.join("; ")}: ${JSON.stringify(content).slice(0, 200)}`);
  }
}

const GEMINI_COUNTS = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount", "totalTokenCount"];

/** Every frame is an object, no candidate ends twice, everyone that begins ends unless there is an error, and nothing follows that. */
export function checkGemini(stream: string, answer: string | undefined): void {
  const frames = stream
    .split("\n\n")
    .filter(Boolean)
    .map((frame) => JSON.parse(frame.replace(/^data: /, "")) as JsonObject);
  const failed = frames.findIndex((frame) => frame["error"] !== undefined);
  if (failed >= 0 && failed !== frames.length - 1) throw new Error("something follows the error");
  const begun = new Set<Json>();
  const ended = new Set<Json>();
  for (const json of [...frames, ...(answer === undefined ? [] : [objectOf(JSON.parse(answer))])]) checkCounts(json["usageMetadata"], GEMINI_COUNTS);
  for (const candidate of frames.flatMap((frame) => listOf(frame["candidates"]).map(objectOf))) {
    const index = candidate["index"] ?? 0;
    begun.add(index);
    if (candidate["finishReason"] === undefined) continue;
    if (ended.has(index)) throw new Error(`candidate ${index} ends twice`);
    ended.add(index);
  }
  if (failed < 0 && begun.size !== ended.size) throw new Error(`${begun.size} candidates begin and ${ended.size} end`);
}

/** Every line is an object of ours, and only the last one ends the answer. */
export function checkLines(stream: string, answer: string | undefined): void {
  const lines = stream
    .split("\n")
    .slice(0, -1)
    .map((line) => objectOf(parseJson(line)));
  const ends = lines.map((line) => line["done"] === true || typeof line["error"] === "string");
  if (ends.indexOf(true) !== lines.length - 1) throw new Error(`not ended by its last line: ${JSON.stringify(lines)}`);
  for (const line of [...lines, ...(answer === undefined ? [] : [objectOf(JSON.parse(answer))])])
    checkCounts(line, ["prompt_eval_count", "eval_count", "total_duration"]);
}

const LAST = new Set<Json | undefined>(["response.completed", "response.incomplete", "response.failed", "error"]);

/** Every event is numbered and named; items open one at a time and in order, each ends as it is in the response; the last event is the last. */
export function checkResponses(text: string, answer: string | undefined): void {
  const items: Json[] = [];
  let open: number | undefined;
  let last: JsonObject = {};
  const frames = text.split("\n\n").filter(Boolean);
  frames.forEach((frame, index) => {
    const [, name, data = ""] = /^event: (\S+)\ndata: (.+)$/.exec(frame) ?? [];
    last = objectOf(JSON.parse(data));
    if (last["type"] !== name || last["sequence_number"] !== index) throw new Error(`event ${index} is ${frame.slice(0, 200)}`);
    if (LAST.has(name) !== (index === frames.length - 1)) throw new Error(`${name} is event ${index} of ${frames.length}`);
    const at = last["output_index"];
    if (name === "response.output_item.added") {
      if (open !== undefined || at !== items.length) throw new Error(`item ${at} opens after ${items.length}, while ${open} is open`);
      open = items.length;
    } else if (at !== undefined && at !== open) throw new Error(`${name} is of item ${at}, while ${open} is open`);
    if (name !== "response.output_item.done") return;
    items.push(last["item"] ?? null);
    open = undefined;
  });
  const response = objectOf(last["response"]);
  const output = listOf(response["output"]);
  if (last["type"] !== "error" && JSON.stringify(output.slice(0, items.length)) !== JSON.stringify(items)) throw new Error("the response is not what was told");
  if (answer !== undefined && JSON.stringify({ ...objectOf(JSON.parse(answer)), completed_at: 0 }) !== JSON.stringify({ ...response, completed_at: 0 }))
    throw new Error("the whole answer is not the streamed one");
  const ids = output.map((item) => objectOf(item)["call_id"]).filter((id) => id !== undefined);
  if (new Set(ids).size < ids.length || ids.some((id) => typeof id !== "string" || id.length < 1 || id.length > 64)) throw new Error(`call ids ${ids}`);
}
