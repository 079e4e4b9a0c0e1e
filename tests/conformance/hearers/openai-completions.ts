import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { countProblems, framesIn, type Heard } from "./heard.ts";

const COUNTS = ["prompt_tokens", "completion_tokens", "total_tokens"];

/** Reads a whole answer of the old completions as a strict client does. */
export function hearCompletion(text: string): Heard {
  return heardIn([objectOf(parseJson(text))], []);
}

/** Reads a stream as a strict client does: no choice ends twice, and `[DONE]` is the end of all. */
export function hearCompletionStream(text: string): Heard {
  const problems = text.endsWith("data: [DONE]\n\n") ? [] : ["the last frame is not [DONE]"];
  return heardIn(
    framesIn(text.replace(/data: \[DONE\]\n\n$/, ""), "nameless", problems).map(({ json }) => json),
    problems,
  );
}

function heardIn(frames: readonly JsonObject[], found: readonly string[]): Heard {
  const problems = [...found];
  const error = frames.find((frame) => isObject(frame["error"]))?.["error"];
  const finished = new Map<Json | undefined, string>();
  let said = "";
  let usage: JsonObject | undefined;
  for (const frame of frames) {
    if (isObject(frame["error"])) continue;
    if (frame["object"] !== "text_completion") problems.push(`object is ${JSON.stringify(frame["object"])}`);
    if (isObject(frame["usage"])) usage = frame["usage"];
    for (const choice of listOf(frame["choices"]).map(objectOf)) {
      if (typeof choice["text"] !== "string") problems.push("a choice without text");
      if (choice["index"] === 0) said += stringOf(choice["text"]) ?? "";
      const reason = stringOf(choice["finish_reason"]);
      if (reason === undefined) continue;
      if (finished.has(choice["index"])) problems.push(`choice ${choice["index"]} ends twice`);
      finished.set(choice["index"], reason);
    }
  }
  if (error === undefined && finished.size === 0) problems.push("no finish");
  return {
    text: said,
    thinking: "",
    calls: [],
    finish: finished.get(0),
    usage,
    error: isObject(error) ? error : undefined,
    problems: [...problems, ...countProblems(usage, COUNTS)],
  };
}
