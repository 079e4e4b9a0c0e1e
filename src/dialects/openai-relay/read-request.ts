import { invalidRequest } from "../../vocabulary/failure.ts";
import { type JsonObject, stringOf } from "../../vocabulary/json.ts";
import { readBody } from "../shared/json/body.ts";

/** A JSON request that is passed on, read as far as anybody here must know it. */
export interface RelayRequest {
  /** Empty when none is named. */
  readonly model: string;
  /** Are server-sent events asked for? */
  readonly stream: boolean;
  readonly text: string;
  readonly json: JsonObject;
}

/** Reads the body of such a request. Throws `invalid-request`; all but the model and the stream is the upstream's to judge. */
export function readRelayRequest(text: string): RelayRequest {
  const json = readBody(text);
  const model = json["model"] ?? "";
  if (typeof model !== "string") throw invalidRequest("model", "model must be a string.");
  // Speech says it in words of its own.
  return { model, stream: json["stream"] === true || json["stream_format"] === "sse", text, json };
}

/** Does a form's `stream` field ask for events? In the words that servers of forms take for true. */
export function formAsksForEvents(stream: string | undefined): boolean {
  return /^(true|1|yes|on|y|t)$/i.test(stream ?? "");
}

/** How many characters a request wants spoken; Unicode code points, as speech is billed. */
export function charactersToSpeak({ json }: RelayRequest): number {
  let count = 0;
  for (const _character of stringOf(json["input"]) ?? "") count++;
  return count;
}
