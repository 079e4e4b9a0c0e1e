import { isObject, type Json, type JsonObject, objectOf, parseJson } from "../../../../src/vocabulary/json.ts";
import type { Recording } from "../../../recordings/recordings.ts";

/** What an answer says, read off the recorded body by other means than the gateway's own. */
export interface Said {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: Json }[];
  /** Why it ended; absent when the body names no reason. */
  readonly finish?: "done" | "length" | "calls" | "refused";
  /** Text that the model wrote through tools of its provider is worded differently on the way. */
  readonly rewordedText: boolean;
}

/** The JSON values of a recorded body: one, a stream's frames, or a list's elements. */
export function valuesOf({ stream, response }: Recording): JsonObject[] {
  const { body } = response;
  if (typeof body !== "string") return (Array.isArray(body) ? body : [body]).map(objectOf);
  if (stream === "ndjson") return body.split("\n").flatMap((line) => objectIn(line));
  return body.split(/\r?\n/).flatMap((line) => (line.startsWith("data:") ? objectIn(line.slice("data:".length)) : []));
}

function objectIn(text: string): JsonObject[] {
  const json = parseJson(text);
  return isObject(json) ? [json] : [];
}
