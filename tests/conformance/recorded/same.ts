import { isDeepStrictEqual } from "node:util";
import { isObject, type JsonObject, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import { framesOf } from "../../recordings/replay.ts";
import { isAnswered, isStreamed, type Played } from "./lane.ts";
import { judgedUsage } from "./usage.ts";

/** The recorded request under another model's name. */
export const askedAgain = ({ request }: Recording, name: string): string => JSON.stringify({ ...objectOf(request.body), model: name });

/** The upstream got the client's text, byte for byte but for the model's name. */
export function judgedText({ recording, upstream, model }: Played): string[] {
  return upstream?.text === askedAgain(recording, model) ? [] : ["another request"];
}

/** The upstream got the client's fields. */
export function judgedFields({ recording, upstream, model }: Played): string[] {
  return isDeepStrictEqual(upstream?.json, { ...objectOf(recording.request.body), model }) ? [] : ["another request"];
}

/** A recorded answer came through as it was, and was metered; a failure as its client must see it. */
export function judgedSame(played: Played, expected = recordedText(played.recording)): string[] {
  const { recording, status, text, record } = played;
  if (!isAnswered(recording)) return judgedFailure(played);
  if (status !== recording.response.status) return [`status ${status}: ${text.slice(0, 200)}`];
  const other = `another ${isStreamed(recording) ? "stream" : "answer"}: ${text.slice(0, 100)}`;
  return [...(text === expected ? [] : [other]), ...judgedUsage(recording, record)];
}

/** The answer as it was recorded, with the blank line at the end of a stream that a recording may lack. */
export function recordedText({ response, stream }: Recording): string {
  const text = Buffer.from(responseBytes(response)).toString();
  return stream === "sse" ? framesOf(text, false).map(withEnd).join("") : text;
}

export function withEnd(frame: string): string {
  return /(\r\n\r\n|\n\n|\r\r)$/.test(frame) ? frame : `${frame}\n\n`;
}

/** The status a failure has for a client: what is about our side of the request is ours. */
export function statusFor(was: number): number {
  if (was === 529) return 503;
  if (was === 503 || was === 504) return was;
  return isAboutUs(was) ? 502 : was;
}

const isAboutUs = (status: number): boolean => [401, 402, 403, 404, 407].includes(status) || status >= 500;

/** What a client of the same dialect must see of a recorded failure: what is about its request unreworded, everything about our side of it in our words. */
export function judgedFailure({ recording, status, text, upstream }: Played): string[] {
  const was = recording.response.status;
  const problems = status === statusFor(was) ? [] : [`status ${was} became ${status}, not ${statusFor(was)}`];
  const recorded = parseJson(recordedText(recording));
  // Where we refuse the request ourselves, with the upstream's status, the upstream was never asked.
  if (isAboutUs(was) || was === 429 || upstream === undefined) return hasMessage(parseJson(text)) ? problems : [...problems, "no error message"];
  return isDeepStrictEqual(parseJson(text), recorded) ? problems : [...problems, `reworded: ${text.slice(0, 120)}`];
}

function hasMessage(json: unknown): boolean {
  const { error } = objectOf(json as JsonObject);
  return typeof (isObject(error) ? error["message"] : error) === "string";
}
