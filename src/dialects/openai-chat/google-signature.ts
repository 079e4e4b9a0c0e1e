import { type JsonObject, objectOf, stringOf } from "../../vocabulary/json.ts";

/** The thought signature in Google's own place for it in its OpenAI-compatible API: `extra_content.google.thought_signature`. */
export function signatureIn(json: JsonObject): { readonly signature?: string } {
  const signature = stringOf(objectOf(objectOf(json["extra_content"])["google"])["thought_signature"]);
  return signature === undefined ? UNSIGNED : { signature };
}

const UNSIGNED = {};

/** The fields that carry it there, for a call, a picture or a message; clients that echo what they were given send it back. */
export function signatureField(signature: string | undefined): JsonObject {
  return signature === undefined ? {} : { extra_content: { google: { thought_signature: signature } } };
}
