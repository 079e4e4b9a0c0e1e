import { isDeepStrictEqual } from "node:util";
import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import type { RequestRecord } from "../../../src/vocabulary/record.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestDeployment } from "../../harness/box.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import { framesOf } from "../../recordings/replay.ts";
import { judgedUsage, type Outcome } from "./run.ts";

const APIS = new Set(["gemini_generate", "gemini_embed", "gemini_count_tokens"]);

/** Is it traffic of Google's own API that a client of ours may send? */
export const isPlayedAsGemini = ({ api, request }: Recording): boolean => APIS.has(api) && isObject(request.body);

const modelOf = ({ request }: Recording): string => decodeURIComponent(/\/models\/([^/]+):/.exec(request.path)?.[1] ?? "");
const verbOf = ({ request }: Recording): string => request.path.slice(request.path.lastIndexOf(":") + 1);
/** A name unlike the upstream's, so that it would be seen where it should not be. */
const publicName = (recording: Recording): string => `public/${modelOf(recording)}`;

/** Plays recorded traffic of Google's clients through the real gateway to a Gemini upstream, one after the other, its bodies cut into pieces of so many bytes. */
export async function playGemini(recordings: readonly Recording[], chunks: number | "whole" = "whole"): Promise<Outcome[]> {
  const fake = await startFakeUpstream();
  const models: Record<string, TestDeployment[]> = {};
  for (const recording of recordings) models[publicName(recording)] = [{ kind: "gemini", url: fake.url, model: modelOf(recording) }];
  const box = startBox({ models, policy: { attempts: 1 } });
  const outcomes: Outcome[] = [];
  try {
    for (const recording of recordings) outcomes.push({ recording, problems: await play(recording, chunks, fake, box) });
  } finally {
    await box.stop();
    await fake.stop();
  }
  return outcomes;
}

async function play(recording: Recording, chunks: number | "whole", fake: FakeUpstream, box: TestBox): Promise<string[]> {
  const { status, headers } = recording.response;
  const frames = framesOfAnswer(recording);
  const type = frames === undefined ? (headers["content-type"] ?? headers["Content-Type"] ?? "application/json") : "text/event-stream";
  fake.forget();
  fake.play({
    reply: { status, headers: { "content-type": type }, ...(frames === undefined ? { body: responseBytes(recording.response) } : { frames }) },
    chunks,
  });
  const before = box.records.length;
  const complained = box.complaints.length;
  const query = new URLSearchParams(recording.request.query).toString();
  const response = await box.post(
    `/v1beta/models/${encodeURIComponent(publicName(recording))}:${verbOf(recording)}${query === "" ? "" : `?${query}`}`,
    JSON.stringify(recording.request.body),
  );
  const text = await response.text();
  const record = await box.record(before);
  const asked = fake.seen[0];
  return [
    ...box.complaints.slice(complained).map((failure) => `our own mistake: ${String(failure.cause)}`),
    ...judgedRequest(recording, asked?.path ?? "", objectOf(asked?.json)),
    ...(status < 300 ? judgedAnswer(recording, response.status, text, record) : judgedFailure(recording, response.status, text)),
  ];
}

/** The frames in which Gemini streams: those recorded, or the elements of a recorded list, for it is asked for frames whatever its client wants. */
function framesOfAnswer({ stream, response }: Recording): readonly string[] | undefined {
  if (stream === "sse") return framesOf(String(response.body), false);
  return stream === "json-array" ? listOf(response.body).map((element) => `data: ${JSON.stringify(element)}\r\n\r\n`) : undefined;
}

/** What Gemini got is what its client sent, but for the model's name. */
function judgedRequest(recording: Recording, path: string, body: JsonObject): string[] {
  const model = modelOf(recording);
  const verb = recording.api === "gemini_embed" ? "batchEmbedContents" : verbOf(recording);
  const expected = `/v1beta/models/${encodeURIComponent(model)}:${verb}${verb === "streamGenerateContent" ? "?alt=sse" : ""}`;
  const problems = path === expected ? [] : [`asked at ${path}, not ${expected}`];
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

function judgedAnswer(recording: Recording, status: number, text: string, record: RequestRecord): string[] {
  if (status !== 200) return [`status ${status}: ${text.slice(0, 200)}`];
  const { body } = recording.response;
  switch (recording.api) {
    case "gemini_embed": {
      const vectors = (json: Json | undefined) => listOf(objectOf(json)["embeddings"]).map((embedding) => objectOf(embedding)["values"]);
      return isDeepStrictEqual(vectors(parseJson(text)), vectors(body)) ? [] : ["other vectors"];
    }
    case "gemini_count_tokens":
      return isDeepStrictEqual(parseJson(text), body) ? [] : [`another count: ${text.slice(0, 100)}`];
    default:
      return [...judgedText(recording, text), ...judgedUsage(recording, record)];
  }
}

function judgedText(recording: Recording, text: string): string[] {
  if (recording.stream === "sse") return text === (framesOfAnswer(recording) ?? []).map(whole).join("") ? [] : ["another stream"];
  const same = typeof recording.response.body === "string" ? text === recording.response.body : isDeepStrictEqual(parseJson(text), recording.response.body);
  return same ? [] : ["another answer"];
}

/** A recording may lack the last blank line. */
function whole(frame: string): string {
  return /(\r\n\r\n|\n\n|\r\r)$/.test(frame) ? frame : `${frame}\n\n`;
}

/** Its own 4xx about the request pass as they are; what concerns our side becomes ours, in its words. */
function judgedFailure({ api, response }: Recording, status: number, text: string): string[] {
  // Where nobody counts, and nobody is there to ask, an estimate is better than none.
  if (api === "gemini_count_tokens" && response.status === 404 && status === 200) return [];
  const error = objectOf(objectOf(parseJson(text))["error"]);
  const aboutUs = [401, 403, 404].includes(response.status) || response.status >= 500;
  const expected = response.status === 503 || response.status === 504 ? response.status : aboutUs ? 502 : response.status;
  if (status !== expected) return [`status ${response.status} became ${status}, not ${expected}`];
  const shaped = error["code"] === status && typeof error["status"] === "string" && typeof error["message"] === "string";
  return shaped ? [] : [`no error of Google's: ${text.slice(0, 120)}`];
}
