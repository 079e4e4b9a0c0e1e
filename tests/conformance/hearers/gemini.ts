import { isObject, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { countProblems, framesIn, type Heard } from "./heard.ts";

const COUNTS = ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "cachedContentTokenCount", "totalTokenCount"];

/** Reads a whole answer of generateContent as a strict client does. */
export function hearGemini(text: string): Heard {
  return heardIn([objectOf(parseJson(text))], []);
}

/** Reads a stream of frames as a strict client does: each a response without a name, one of them with a reason to finish; empty lines are signs of life. */
export function hearGeminiStream(text: string): Heard {
  const problems: string[] = [];
  return heardIn(
    framesIn(text.replace(/(^|\n\n)\n+/g, "$1"), "nameless", problems).map(({ json }) => json),
    problems,
  );
}

/** Reads a stream that is one list, which is what a client gets that does not ask for frames. */
export function hearGeminiList(text: string): Heard {
  const list = parseJson(text);
  return heardIn(listOf(list).map(objectOf), Array.isArray(list) ? [] : [`not a list: ${text.slice(0, 80)}`]);
}

/** Every candidate that begins ends once, but where an error comes instead. What the first one says is looked at more closely. */
function otherCandidates(candidates: readonly JsonObject[], failed: boolean): string[] {
  const others = Map.groupBy(candidates, (candidate) => numberOf(candidate["index"]) ?? 0);
  others.delete(0);
  return [...others].flatMap(([index, said]) => {
    const ends = said.filter((candidate) => candidate["finishReason"] !== undefined).length;
    return ends > 1 || (ends === 0 && !failed) ? [`candidate ${index} ends ${ends} times`] : [];
  });
}

function heardIn(frames: readonly JsonObject[], found: readonly string[]): Heard {
  const problems = [...found];
  const failed = frames.findIndex((frame) => isObject(frame["error"]));
  const all = frames.flatMap((frame) => listOf(frame["candidates"]).map(objectOf));
  problems.push(...otherCandidates(all, failed >= 0));
  const candidates = all.filter((candidate) => (candidate["index"] ?? 0) === 0);
  const parts = candidates.flatMap(({ content }) => {
    if (isObject(content) && content["role"] !== "model") problems.push(`content of the role ${JSON.stringify(content["role"])}`);
    return listOf(objectOf(content)["parts"]).map(objectOf);
  });
  const said = (thought: boolean) => parts.map((part) => ((part["thought"] === true) === thought ? (stringOf(part["text"]) ?? "") : "")).join("");
  // Google's own calls have an id on its newer models only.
  const calls = parts.flatMap(({ functionCall: call }, index) =>
    isObject(call) ? [{ id: stringOf(call["id"]) ?? `call ${index}`, name: stringOf(call["name"]) ?? "", arguments: call["args"] }] : [],
  );
  for (const call of calls) if (!isObject(call.arguments)) problems.push(`the arguments of ${call.name} are no object`);
  const reasons = candidates.flatMap((candidate) => stringOf(candidate["finishReason"]) ?? []);
  if (failed < 0 && reasons.length !== 1) problems.push(`${reasons.length} reasons to finish`);
  if (failed >= 0 && failed !== frames.length - 1) problems.push("something follows the error");
  const usage = frames.findLast((frame) => isObject(frame["usageMetadata"]))?.["usageMetadata"];
  return {
    text: said(false),
    thinking: said(true),
    calls,
    finish: failed < 0 ? reasons[0] : undefined,
    usage: isObject(usage) ? usage : undefined,
    error: failed < 0 ? undefined : objectOf(frames[failed]?.["error"]),
    problems: [...problems, ...countProblems(isObject(usage) ? usage : undefined, COUNTS)],
  };
}
