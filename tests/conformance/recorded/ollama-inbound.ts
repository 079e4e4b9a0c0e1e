import { isDeepStrictEqual } from "node:util";
import { type JsonObject, numberOf, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import type { RequestRecord } from "../../../src/vocabulary/record.ts";
import { promptTokens } from "../../../src/vocabulary/usage.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestDeployment } from "../../harness/box.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import { framesOf } from "../../recordings/replay.ts";
import { type HeardOllama, hearOllama, hearOllamaStream } from "../hearers/ollama.ts";
import { countsIn, type Said, saidByAnthropic, saidByGemini } from "./answers.ts";
import type { Outcome } from "./run.ts";

/** What is played to Ollama's clients: their own recordings over the express lane, and what other services said, translated. */
const LANES: Readonly<Record<string, { readonly path: string; readonly kind: string; readonly said?: (recording: Recording) => Said }>> = {
  ollama_chat: { path: "/api/chat", kind: "ollama" },
  ollama_generate: { path: "/api/generate", kind: "ollama" },
  ollama_embed: { path: "/api/embed", kind: "ollama" },
  anthropic_messages: { path: "/api/chat", kind: "anthropic", said: saidByAnthropic },
  gemini_generate: { path: "/api/chat", kind: "gemini", said: saidByGemini },
};

const laneOf = ({ api }: Recording) => LANES[api] ?? { path: "", kind: "" };
const modelOf = (recording: Recording): string => recording.model ?? "unnamed";
const publicName = (recording: Recording): string => `${laneOf(recording).kind}|${modelOf(recording)}`;

/** Answers of services whose own kind this is, asked as its clients ask. */
export function isHeardByOllama(recording: Recording): boolean {
  const { kind } = laneOf(recording);
  return kind === recording.provider && recording.response.status === 200;
}

/** Plays every recording to a client of Ollama's API, one after the other, its body cut into pieces of so many bytes. */
export async function playToOllama(recordings: readonly Recording[], chunks: number | "whole" = "whole"): Promise<Outcome[]> {
  const fake = await startFakeUpstream();
  const models: Record<string, TestDeployment[]> = {};
  for (const recording of recordings) models[publicName(recording)] = [{ kind: laneOf(recording).kind, url: fake.url, model: modelOf(recording) }];
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
  const { response: recorded, stream } = recording;
  const type = stream === "sse" ? "text/event-stream" : stream === "ndjson" ? "application/x-ndjson" : "application/json";
  const cut = typeof recorded.body === "string" && stream !== false;
  fake.forget();
  fake.play({
    reply: {
      headers: { "content-type": type },
      ...(cut ? { frames: framesOf(String(recorded.body), stream === "ndjson") } : { body: responseBytes(recorded) }),
    },
    chunks,
  });
  const [before, complained] = [box.records.length, box.complaints.length];
  const response = await box.post(laneOf(recording).path, JSON.stringify(requestOf(recording)));
  const text = await response.text();
  const record = await box.record(before);
  const mistakes = box.complaints.slice(complained).map((failure) => `our own mistake: ${String(failure.cause)}`);
  if (response.status !== 200) return [...mistakes, `status ${response.status}: ${text.slice(0, 200)}`];
  if (recording.api === "ollama_embed") return [...mistakes, ...judgedVectors(recording, text, record)];
  const { said } = laneOf(recording);
  const judged =
    said === undefined
      ? judgedSame(recording, text, objectOf(fake.seen[0]?.json))
      : judgedHeard(said(recording), recording.stream === false ? hearOllama(text) : hearOllamaStream(text));
  return [...mistakes, ...judged, ...judgedUsage(recording, record)];
}

/** The recorded request where the client speaks the same dialect, else a plain one that gets the recorded answer. */
function requestOf(recording: Recording): JsonObject {
  const model = publicName(recording);
  if (laneOf(recording).said === undefined) return { ...objectOf(recording.request.body), model };
  return { model, messages: [{ role: "user", content: "hi" }], ...(recording.stream === false ? { stream: false } : {}) };
}

/** The upstream gets the client's fields, the client the upstream's bytes. */
function judgedSame(recording: Recording, text: string, got: JsonObject): string[] {
  const problems: string[] = [];
  if (!isDeepStrictEqual(got, { ...objectOf(recording.request.body), model: modelOf(recording) })) problems.push("fields changed on the way up");
  const { body } = recording.response;
  if (typeof body === "string" ? text !== body : !isDeepStrictEqual(parseJson(text), body)) problems.push("another answer");
  return problems;
}

function judgedVectors({ response: { body } }: Recording, text: string, record: RequestRecord): string[] {
  const [heard, recorded] = [objectOf(parseJson(text)), objectOf(body)];
  return [
    ...(isDeepStrictEqual(heard["embeddings"], recorded["embeddings"]) ? [] : ["other vectors"]),
    ...(heard["prompt_eval_count"] === recorded["prompt_eval_count"] && record.usage?.input === numberOf(recorded["prompt_eval_count"])
      ? []
      : ["other counts"]),
  ];
}

/** What its client hears is what was said. */
function judgedHeard(said: Said, { text, calls, finish, error, problems }: HeardOllama): string[] {
  if (error !== undefined) return [...problems, `an error: ${JSON.stringify(error)}`];
  const found = [...problems];
  if (!said.rewordedText && text !== said.text) found.push(`another text: ${JSON.stringify(text.slice(0, 60))} for ${JSON.stringify(said.text.slice(0, 60))}`);
  const given = calls.map((call) => ({ name: call.name, arguments: call.arguments }));
  if (!isDeepStrictEqual(given, said.calls)) found.push(`other calls: ${JSON.stringify(given).slice(0, 150)} for ${JSON.stringify(said.calls).slice(0, 150)}`);
  const expected = said.finish === "tool_calls" ? "stop" : said.finish;
  if (expected !== undefined && finish !== expected) found.push(`done_reason ${JSON.stringify(finish)}, not ${expected}`);
  return found;
}

function judgedUsage(recording: Recording, { usage }: RequestRecord): string[] {
  if (recording.usage === null) return [];
  if (usage?.evidence !== "reported") return ["not metered as reported"];
  const counts = countsIn(recording.api === "ollama_generate" ? "ollama_chat" : recording.api, recording.usage);
  const metered = { prompt: promptTokens(usage), cached: usage.cacheRead, output: usage.output, reasoning: usage.reasoning };
  return isDeepStrictEqual(metered, counts) ? [] : [`metered ${JSON.stringify(metered)}, not ${JSON.stringify(counts)}`];
}
