import { isDeepStrictEqual } from "node:util";
import { profileFor } from "../../../src/providers/index.ts";
import type { Failure } from "../../../src/vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import type { RequestRecord } from "../../../src/vocabulary/record.ts";
import { promptTokens } from "../../../src/vocabulary/usage.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestDeployment } from "../../harness/box.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import { framesOf } from "../../recordings/replay.ts";
import { type HeardChat, hearChat, hearChatStream } from "../hearers/openai-chat.ts";
import { type Counts, countsIn, type Said, saidByAnthropic, saidByGemini, saidByOllama } from "./answers.ts";

/** One recording played through the gateway, and everything that was not as it should be. */
export interface Outcome {
  readonly recording: Recording;
  readonly problems: readonly string[];
}

/** What is played: APIs we call, and the kind of service that stands for a provider. */
const ROUTES: Readonly<Record<string, { readonly path: string; readonly said?: (recording: Recording) => Said; readonly kind?: string }>> = {
  chat_completions: { path: "/v1/chat/completions" },
  completions: { path: "/v1/completions" },
  embeddings: { path: "/v1/embeddings" },
  anthropic_messages: { path: "/v1/chat/completions", said: saidByAnthropic, kind: "anthropic" },
  gemini_generate: { path: "/v1/chat/completions", said: saidByGemini, kind: "gemini" },
  ollama_chat: { path: "/v1/chat/completions", said: saidByOllama, kind: "ollama" },
  gemini_embed: { path: "/v1/embeddings", kind: "gemini" },
  ollama_embed: { path: "/v1/embeddings", kind: "ollama" },
};

export const isPlayed = (recording: Recording): boolean => recording.api in ROUTES;

/** Providers whose OpenAI-compatible side is not what our kind of that name calls, or that have no kind of their own. */
const COMPATIBLE = new Set(["gemini", "ollama", "gpustack", "huggingface", "voyage", "cohere"]);

function kindOf({ api, provider }: Recording): string {
  return ROUTES[api]?.kind ?? (COMPATIBLE.has(provider) ? "openai-compatible" : provider);
}

const modelOf = (recording: Recording): string => recording.model ?? "unnamed";
const publicName = (recording: Recording): string => `${kindOf(recording)}|${modelOf(recording)}`;

/** Plays every recording through the real gateway, one after the other, its body cut into pieces of so many bytes. */
export async function playAll(recordings: readonly Recording[], chunks: number | "whole" = "whole"): Promise<Outcome[]> {
  const fake = await startFakeUpstream();
  const models: Record<string, TestDeployment[]> = {};
  for (const recording of recordings) models[publicName(recording)] = [{ kind: kindOf(recording), url: fake.url, model: modelOf(recording) }];
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

interface Played {
  readonly recording: Recording;
  readonly status: number;
  readonly text: string;
  readonly record: RequestRecord;
  /** The body the upstream got; absent when it was not asked. */
  readonly upstreamBody?: Json;
  readonly complaints: readonly Failure[];
}

async function play(recording: Recording, chunks: number | "whole", fake: FakeUpstream, box: TestBox): Promise<string[]> {
  const { status, headers } = recording.response;
  const type = headers["content-type"] ?? headers["Content-Type"] ?? typeOf(recording);
  const cut = typeof recording.response.body === "string" && recording.stream !== false;
  fake.forget();
  fake.play({
    reply: {
      status,
      headers: { "content-type": type },
      ...(cut ? { frames: framesOf(String(recording.response.body), recording.stream === "ndjson") } : { body: responseBytes(recording.response) }),
    },
    chunks,
  });
  const before = box.records.length;
  const complained = box.complaints.length;
  const response = await box.post(ROUTES[recording.api]?.path ?? "", JSON.stringify(requestOf(recording)));
  const text = await response.text();
  const played: Played = {
    recording,
    status: response.status,
    text,
    record: await box.record(before),
    upstreamBody: fake.seen[0]?.json,
    complaints: box.complaints.slice(complained),
  };
  const problems = played.complaints.map((failure) => `our own mistake: ${String(failure.cause)}`);
  return [...problems, ...judged(played)];
}

/** What a recorded body is, where its headers were not kept. */
export function typeOf({ stream }: Recording): string {
  return stream === "sse" ? "text/event-stream" : stream === "ndjson" ? "application/x-ndjson" : "application/json";
}

/** The recorded request where the client speaks the same dialect, else a plain one that gets the recorded answer. */
function requestOf(recording: Recording): JsonObject {
  const model = publicName(recording);
  if (recording.api.endsWith("_embed")) return { model, input: inputsOf(recording) };
  if (ROUTES[recording.api]?.kind === undefined) return { ...objectOf(recording.request.body), model };
  const stream = recording.stream === false ? {} : { stream: true, stream_options: { include_usage: true } };
  return { model, messages: [{ role: "user", content: "hi" }], ...stream };
}

function inputsOf({ request }: Recording): string[] {
  const body = objectOf(request.body);
  const inputs = Array.isArray(body["input"]) ? body["input"] : listOf(body["requests"]);
  return inputs.length === 0 ? ["hi"] : inputs.map((_input, index) => `text ${index}`);
}

function judged(played: Played): string[] {
  const { recording, status } = played;
  const ok = recording.response.status >= 200 && recording.response.status < 300;
  if (!ok) return judgedFailure(played);
  if (recording.api === "embeddings" || recording.api.endsWith("_embed")) return judgedEmbeddings(played);
  if (ROUTES[recording.api]?.kind === undefined) return judgedSame(played);
  if (status !== 200) return [`status ${status}: ${played.text.slice(0, 200)}`];
  return judgedTranslation(played, recording.stream === false ? hearChat(played.text) : hearChatStream(played.text));
}

/** What a client must see of a recorded failure: 4xx about its request as they are, everything about our side of it as ours. */
function judgedFailure({ recording, status, text }: Played): string[] {
  const problems: string[] = [];
  const { status: was, body } = recording.response;
  const error = objectOf(objectOf(parseJson(text))["error"]);
  const recorded = typeof body === "string" ? body : JSON.stringify(body);
  const aboutUs = [401, 402, 403, 404, 407].includes(was) || was >= 500;
  const expected = was === 503 || was === 529 ? 503 : was === 504 ? 504 : aboutUs ? 502 : was;
  if (status !== expected) problems.push(`status ${was} became ${status}, not ${expected}`);
  const same = recording.api === "chat_completions" || recording.api === "completions" || recording.api === "embeddings";
  // Where we refuse the request ourselves, with the upstream's status, the upstream was never asked.
  if (same && !aboutUs && was !== 429 && text !== recorded && error["type"] !== "invalid_request_error") problems.push(`reworded: ${text.slice(0, 120)}`);
  if (typeof error["message"] !== "string" && text !== recorded) problems.push("no error message");
  return problems;
}

function judgedEmbeddings({ recording, status, text, record }: Played): string[] {
  if (status !== 200) return [`status ${status}: ${text.slice(0, 200)}`];
  const problems: string[] = [];
  const json = objectOf(parseJson(text));
  const body = objectOf(recording.response.body);
  const vectors = listOf(json["data"]).map((row) => objectOf(row)["embedding"]);
  const recorded =
    recording.api === "embeddings"
      ? listOf(body["data"]).map((row) => objectOf(row)["embedding"])
      : listOf(body["embeddings"]).map((row) => (isObject(row) ? row["values"] : row));
  if (!isDeepStrictEqual(vectors, recorded)) problems.push("other vectors");
  const usage = objectOf(body["usage"]);
  const tokens = numberOf(usage["prompt_tokens"]) ?? numberOf(usage["total_tokens"]) ?? numberOf(body["prompt_eval_count"]);
  if (tokens !== undefined && record.usage?.input !== tokens) problems.push(`${record.usage?.input} tokens, not ${tokens}`);
  return problems;
}

/** The express lane: the upstream gets the client's fields, the client the upstream's bytes. */
function judgedSame({ recording, status, text, record, upstreamBody }: Played): string[] {
  if (status !== 200) return [`status ${status}: ${text.slice(0, 200)}`];
  const problems: string[] = [];
  const changed = changedFields(objectOf(recording.request.body), objectOf(upstreamBody), profileFor(kindOf(recording), modelOf(recording)));
  if (changed.length > 0) problems.push(`fields changed on the way up: ${changed.join(", ")}`);
  const { body } = recording.response;
  if (recording.stream === false) {
    const same = recording.fidelity === "wire" && typeof body === "string" ? text === body : isDeepStrictEqual(parseJson(text), body);
    if (!same) problems.push("another answer");
  } else if (text !== forwarded(recording)) problems.push("another stream");
  return [...problems, ...judgedUsage(recording, record)];
}

function changedFields(
  asked: JsonObject,
  got: JsonObject,
  profile: { readonly drop: readonly string[]; readonly rename: Readonly<Record<string, string>> },
): string[] {
  const ours = new Set(["model", "stream_options", ...profile.drop, ...Object.entries(profile.rename).flat()]);
  return [...new Set([...Object.keys(asked), ...Object.keys(got)])].filter((name) => !ours.has(name) && !isDeepStrictEqual(asked[name], got[name]));
}

/** The recorded stream as it must arrive: without comments and without the usage that only we asked for, with an end mark. */
function forwarded(recording: Recording): string {
  const wants = objectOf(objectOf(recording.request.body)["stream_options"])["include_usage"] === true;
  const frames = framesOf(String(recording.response.body), false).filter((frame) => {
    const data = /^data: ?(.*)$/m.exec(frame)?.[1]?.trim();
    if (data === undefined || data === "") return false;
    const json = objectOf(parseJson(data));
    return wants || !isObject(json["usage"]) || listOf(json["choices"]).length > 0;
  });
  const last = frames.at(-1) ?? "";
  const ended = /^data: ?\[DONE\]/m.test(last);
  const whole = /(\r\n\r\n|\n\n|\r\r)$/.test(last) ? "" : "\n\n";
  return frames.join("") + whole + (ended ? "" : "data: [DONE]\n\n");
}

function judgedTranslation({ recording, record }: Played, heard: HeardChat): string[] {
  const problems = [...heard.problems];
  if (heard.error !== undefined) return [...problems, `an error: ${JSON.stringify(heard.error)}`];
  const said = ROUTES[recording.api]?.said?.(recording);
  if (said === undefined) return problems;
  if (!said.rewordedText && heard.text + heard.refusal !== said.text)
    problems.push(`another text: ${JSON.stringify(heard.text.slice(0, 60))} for ${JSON.stringify(said.text.slice(0, 60))}`);
  const calls = heard.calls.map(({ name, arguments: given }) => ({ name, arguments: given }));
  if (!isDeepStrictEqual(calls, said.calls))
    problems.push(`other calls: ${JSON.stringify(calls).slice(0, 150)} for ${JSON.stringify(said.calls).slice(0, 150)}`);
  if (new Set(heard.calls.map((call) => call.id)).size !== heard.calls.length) problems.push("two calls with one id");
  if (said.finish !== undefined && heard.finish !== said.finish) problems.push(`finish ${heard.finish}, not ${said.finish}`);
  if (recording.usage !== null && heard.usage === undefined) problems.push("no usage for the client");
  if (heard.usage !== undefined && recording.usage !== null)
    problems.push(...difference("the client's usage", countsIn("chat_completions", heard.usage), countsIn(recording.api, recording.usage)));
  return [...problems, ...judgedUsage(recording, record)];
}

/** Was the answer metered as the index says? */
export function judgedUsage(recording: Recording, record: RequestRecord): string[] {
  if (recording.usage === null) return [];
  const { usage } = record;
  if (usage === undefined) return ["not metered"];
  if (usage.evidence !== "reported") return [`metered by ${usage.evidence}, though reported`];
  return difference(
    "metered",
    { prompt: promptTokens(usage), cached: usage.cacheRead, output: usage.output, reasoning: usage.reasoning },
    countsIn(recording.api, recording.usage),
  );
}

function difference(what: string, found: Counts, expected: Counts): string[] {
  return (Object.keys(expected) as (keyof Counts)[]).flatMap((name) =>
    found[name] === expected[name] ? [] : [`${what}: ${found[name]} ${name}, not ${expected[name]}`],
  );
}
