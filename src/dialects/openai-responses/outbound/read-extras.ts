import type { ChatEvent } from "../../../vocabulary/events.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, stringOf } from "../../../vocabulary/json.ts";

/** A citation as a chat has it: those of pages in an object of their own, others as they are. */
export function annotationEvent(value: Json | undefined): ChatEvent[] {
  if (!isObject(value)) return [];
  const { type, ...citation } = value;
  return [
    { type: "annotation", choice: 0, annotation: type === "url_citation" && citation["url_citation"] === undefined ? { type, url_citation: citation } : value },
  ];
}

/** Log probabilities as a chat has them; none for an empty list. */
export function logprobsEvent(value: Json | undefined): ChatEvent[] {
  const content = listOf(value).filter(isObject).map(tokenOf);
  return content.length === 0 ? [] : [{ type: "logprobs", choice: 0, logprobs: { content, refusal: null } }];
}

function tokenOf(json: JsonObject): JsonObject {
  return { ...alternativeOf(json), top_logprobs: listOf(json["top_logprobs"]).map((one) => alternativeOf(objectOf(one))) };
}

/** Streams leave out the bytes, which chats always have. */
function alternativeOf({ token, logprob, bytes }: JsonObject): JsonObject {
  return { token, logprob, bytes: bytes ?? null };
}

/** The picture an `image_generation_call` made. */
export function imageEvent(json: JsonObject): ChatEvent[] {
  const base64 = stringOf(json["result"]);
  return base64 ? [{ type: "image", choice: 0, mime: `image/${stringOf(json["output_format"]) ?? "png"}`, base64 }] : [];
}
