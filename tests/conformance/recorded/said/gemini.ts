import { listOf, numberOf, objectOf, stringOf } from "../../../../src/vocabulary/json.ts";
import type { Recording } from "../../../recordings/recordings.ts";
import { type Said, valuesOf } from "./said.ts";

const GEMINI_FINISH: Readonly<Record<string, Said["finish"]>> = {
  STOP: "done",
  MAX_TOKENS: "length",
  SAFETY: "refused",
  RECITATION: "refused",
  PROHIBITED_CONTENT: "refused",
  BLOCKLIST: "refused",
};

export function saidByGemini(recording: Recording): Said {
  const candidates = valuesOf(recording).flatMap((value) => listOf(value["candidates"]).map(objectOf));
  const parts = candidates
    .filter((candidate) => (numberOf(candidate["index"]) ?? 0) === 0)
    .flatMap((candidate) => listOf(objectOf(candidate["content"])["parts"]).map(objectOf));
  const reason = candidates.map((candidate) => stringOf(candidate["finishReason"])).findLast((each) => each !== undefined);
  const calls = parts.filter((part) => part["functionCall"] !== undefined).map((part) => objectOf(part["functionCall"]));
  return {
    text: parts.map((part) => (part["thought"] === true ? "" : (stringOf(part["text"]) ?? ""))).join(""),
    calls: calls.map((call) => ({ name: stringOf(call["name"]) ?? "", arguments: call["args"] ?? {} })),
    finish: calls.length > 0 ? "calls" : GEMINI_FINISH[reason ?? ""],
    rewordedText: parts.some((part) => part["executableCode"] !== undefined || part["codeExecutionResult"] !== undefined),
  };
}
