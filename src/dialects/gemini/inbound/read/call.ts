import type { ChatCall, Incoming } from "../../../../vocabulary/dialect.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { readBody, readWhenAsked } from "../../../shared/json/body.ts";
import { objectIn, objectsIn, refuse } from "../../fields.ts";
import { readPath } from "./path.ts";
import { readRequest } from "./request.ts";

/** A body of `:generateContent` or `:streamGenerateContent`, read as far as routing and the express lane need it. Model and verb stand in the path. */
export function readChatCall(incoming: Incoming): ChatCall {
  const json = readBody(incoming.text);
  return callOf(incoming, json, json, "");
}

/** A body of `:countTokens`: the contents alone, or a whole request in `generateContentRequest`. */
export function readCountCall(incoming: Incoming): ChatCall {
  const json = readBody(incoming.text);
  const whole = objectIn(json, "generateContentRequest", "generateContentRequest");
  return whole === undefined ? callOf(incoming, json, json, "") : callOf(incoming, json, whole, "generateContentRequest.");
}

function callOf({ text, headers, rest }: Incoming, json: JsonObject, request: JsonObject, at: string): ChatCall {
  const { model, verb } = readPath(rest);
  const stream = verb === "streamGenerateContent";
  const contents = objectsIn(request, "contents", `${at}contents`);
  if (contents.length === 0) refuse(`${at}contents`, 'is missing or empty. Send the conversation as a list: [{"role": "user", "parts": [{"text": "Hello"}]}]');
  return {
    dialect: "gemini",
    model,
    text,
    headers,
    json,
    stream,
    // Every answer of Gemini's says what it cost.
    wantsUsage: true,
    request: readWhenAsked(text, () => readRequest(request, { model, stream }, at)),
  };
}
