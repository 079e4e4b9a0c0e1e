import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson } from "../../../../src/vocabulary/json.ts";
import type { ScriptedReply } from "../../../fakes/upstream/behaviours.ts";
import { type Recording, responseBytes } from "../../../recordings/recordings.ts";
import { framesOf } from "../../../recordings/replay.ts";
import { isAnswered, type Lane, type Played } from "../lane.ts";
import { judgedFailure, judgedSame, recordedText } from "../same.ts";
import { judgedUsage } from "../usage.ts";

const geminiModel = ({ request }: Recording): string => decodeURIComponent(/\/models\/([^/]+):/.exec(request.path)?.[1] ?? "");
const verbOf = ({ request }: Recording): string => request.path.slice(request.path.lastIndexOf(":") + 1);

/** Google's own clients ask with a body; the rest of what is recorded are forms and polls. */
const isAsked = (api: string) => (recording: Recording) => recording.api === api && isObject(recording.request.body);

const lane = (api: string, judge: Lane["judge"]): Lane => ({
  name: api,
  takes: isAsked(api),
  kind: () => "gemini",
  model: geminiModel,
  reply: streamedReply,
  ask(recording, name) {
    const query = new URLSearchParams(recording.request.query).toString();
    const path = `/v1beta/models/${encodeURIComponent(name)}:${verbOf(recording)}${query === "" ? "" : `?${query}`}`;
    return { path, body: JSON.stringify(recording.request.body) };
  },
  judge: (played) => [...judgedRequest(played), ...(isAnswered(played.recording) ? judge(played) : [...judgedFailure(played), ...judgedShape(played)])],
});

/** An error as Google's clients know them: its status as a number, and as a word. */
function judgedShape({ status, text }: Played): string[] {
  const error = objectOf(objectOf(parseJson(text))["error"]);
  return error["code"] === status && typeof error["status"] === "string" ? [] : [`no error of Google's: ${text.slice(0, 120)}`];
}

export const GEMINI_LANES: readonly Lane[] = [
  lane("gemini_generate", (played) => {
    const { recording, status, text, record } = played;
    if (recording.stream !== "json-array") return judgedSame(played);
    // A list is written anew, element by element, as they come.
    if (status !== 200) return [`status ${status}: ${text.slice(0, 200)}`];
    return [...(isDeepStrictEqual(parseJson(text), recording.response.body) ? [] : ["another list"]), ...judgedUsage(recording, record)];
  }),
  lane("gemini_count_tokens", ({ recording, text }) => (text === recordedText(recording) ? [] : [`another count: ${text.slice(0, 100)}`])),
  lane("gemini_embed", ({ recording, status, text }) => {
    if (status !== 200) return [`status ${status}: ${text.slice(0, 200)}`];
    return isDeepStrictEqual(vectorsIn(parseJson(text)), vectorsIn(recording.response.body)) ? [] : ["another answer"];
  }),
];

const vectorsIn = (json: Json | undefined) => listOf(objectOf(json)["embeddings"]).map((embedding) => objectOf(embedding)["values"]);

/** Gemini is asked for frames whatever its client wants: those recorded, or the elements of a recorded list. */
function streamedReply({ stream, response }: Recording): ScriptedReply {
  if (stream === "sse") return { frames: framesOf(String(response.body), false) };
  if (stream !== "json-array") return { body: responseBytes(response) };
  return { headers: { "content-type": "text/event-stream" }, frames: listOf(response.body).map((element) => `data: ${JSON.stringify(element)}\r\n\r\n`) };
}

/** What Gemini got is what its client sent, but for the model's name. */
function judgedRequest({ recording, upstream, model }: Played): string[] {
  const body = objectOf(upstream?.json as JsonObject | undefined);
  const verb = recording.api === "gemini_embed" ? "batchEmbedContents" : verbOf(recording);
  const expected = `/v1beta/models/${encodeURIComponent(model)}:${verb}${verb === "streamGenerateContent" ? "?alt=sse" : ""}`;
  const problems = upstream?.path === expected ? [] : [`asked at ${upstream?.path}, not ${expected}`];
  if (!isDeepStrictEqual(withoutModels(body), withoutModels(objectOf(recording.request.body)))) problems.push("another request");
  const named = [body["model"], objectOf(body["generateContentRequest"])["model"], ...listOf(body["requests"]).map((request) => objectOf(request)["model"])];
  return [...problems, ...named.flatMap((name) => (name === undefined || name === `models/${model}` ? [] : [`named ${JSON.stringify(name)}`]))];
}

function withoutModels({ model: _model, ...rest }: JsonObject): JsonObject {
  const { generateContentRequest: inner, requests, ...others } = rest;
  return {
    ...others,
    ...(isObject(inner) ? { generateContentRequest: withoutModels(inner) } : {}),
    ...(Array.isArray(requests) ? { requests: requests.map((request) => withoutModels(objectOf(request))) } : {}),
  };
}
