import type { Failure } from "../../vocabulary/failure.ts";
import { type Json, listOf, objectOf, stringOf } from "../../vocabulary/json.ts";
import { readOpenaiErrorObject } from "../shared/openai/failure.ts";

/** The failure that an answer, or an event of a streamed one, tells though its status is 200. */
export function failureIn(json: Json): Failure | undefined {
  const answer = objectOf(json);
  if (answer["error"]) return readOpenaiErrorObject(answer["error"]);
  return answer["object"] === "error" || answer["type"] === "error" ? readOpenaiErrorObject(answer) : undefined;
}

/** Is the answer whole with this event? `transcript.text.done`, `image_generation.completed`; of several pictures the last counts. */
export function isFinal(json: Json): boolean {
  return /\.(done|completed)$/.test(stringOf(objectOf(json)["type"]) ?? "");
}

/** Pictures in an answer, or finished by an event of a streamed one. */
export function imagesIn(json: Json): number {
  const answer = objectOf(json);
  return /\.completed$/.test(stringOf(answer["type"]) ?? "") ? 1 : listOf(answer["data"]).length;
}

/** Text in a transcription, or in a piece of a streamed one as OpenAI, vLLM or Mistral write it; empty for everything else. */
export function transcribedIn(json: Json): string {
  const answer = objectOf(json);
  const type = stringOf(answer["type"]);
  const chunk = objectOf(objectOf(listOf(answer["choices"])[0])["delta"]);
  const whole = type === undefined || type.endsWith(".delta") ? stringOf(answer["text"]) : undefined;
  return stringOf(answer["delta"]) ?? stringOf(chunk["content"]) ?? whole ?? "";
}
