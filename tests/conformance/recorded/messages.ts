import { isDeepStrictEqual } from "node:util";
import { anthropicMessagesInbound } from "../../../src/dialects/anthropic-messages/inbound.ts";
import { chatOutbound } from "../../../src/dialects/index.ts";
import { collect } from "../../../src/dialects/shared/collect.ts";
import { incoming } from "../../../src/dialects/shared/incoming.fixture.ts";
import { ndjsonReader, sseReader } from "../../../src/upstream/frames.ts";
import type { DialectName } from "../../../src/vocabulary/dialect.ts";
import type { ChatEvent, FinishReason } from "../../../src/vocabulary/events.ts";
import { isObject, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { type Recording, responseBytes } from "../../recordings/recordings.ts";
import { framesOf } from "../../recordings/replay.ts";
import { hearMessage, hearMessageStream } from "../hearers/anthropic-messages.ts";
import { judgedUsage, type Outcome, typeOf } from "./run.ts";

const modelOf = (recording: Recording): string => recording.model ?? "unnamed";

/** Plays every recorded exchange of the Messages API through `POST /v1/messages`, its body cut into pieces of so many bytes: all of it must cross as it is. */
export async function playMessages(recordings: readonly Recording[], chunks: number | "whole" = "whole"): Promise<Outcome[]> {
  const fake = await startFakeUpstream();
  const names = [...new Set(recordings.map(modelOf))];
  const models = Object.fromEntries(names.map((model) => [`public/${model}`, [{ kind: "anthropic", url: fake.url, model }]]));
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
  const recorded = Buffer.from(responseBytes(recording.response)).toString();
  const body = objectOf(recording.request.body);
  const streamed = recording.stream !== false;
  fake.forget();
  const reply = streamed ? { frames: framesOf(recorded, false) } : { body: recorded };
  fake.play({ reply: { status, headers: { "content-type": headers["content-type"] ?? typeOf(recording) }, ...reply }, chunks });
  const before = box.records.length;
  const complained = box.complaints.length;
  const asked = JSON.stringify({ ...body, model: `public/${modelOf(recording)}` });
  const response = await box.post("/v1/messages", asked);
  const text = await response.text();
  const record = await box.record(before);
  const problems = box.complaints.slice(complained).map((failure) => `our own mistake: ${String(failure.cause)}`);
  if (fake.seen[0]?.text !== JSON.stringify({ ...body, model: modelOf(recording) })) problems.push("another request");
  if (response.status !== status) problems.push(`status ${status} became ${response.status}`);
  if (text !== recorded) problems.push(`another answer: ${text.slice(0, 100)}`);
  return status === 200 ? [...problems, ...judgedUsage(recording, record)] : problems;
}

/** Recordings that rightly come out different, and why. Everything else that differs is a bug. */
export const MESSAGES_DECISIONS: Readonly<Record<string, string>> = {
  "anthropic/0142": "A stream was asked for and a whole message recorded: the client gets the stream it asked for.",
  "ollama/0186": "A list without a message is refused by us already, in our words.",
  "ollama/0224": "Thinking without a proof is cut out of the history: this server would take it, Anthropic would not.",
};

/** What went wrong with those no decision explains. */
export const unexplainedMessages = (outcomes: readonly Outcome[]): string[] =>
  outcomes
    .filter(({ recording, problems }) => problems.length > 0 && !(recording.id in MESSAGES_DECISIONS))
    .map(({ recording, problems }) => `${recording.id}: ${problems.join("; ")}`);

const DIALECTS: Readonly<Record<string, DialectName>> = {
  chat_completions: "openai-chat",
  anthropic_messages: "anthropic-messages",
  gemini_generate: "gemini",
  ollama_chat: "ollama",
};

/** Recordings of answers that can be told as a message. */
export const isTold = ({ api, response, stream }: Recording): boolean =>
  api in DIALECTS && response.status === 200 && (stream === false || stream === "sse" || stream === "ndjson");

const STOPS: Readonly<Record<FinishReason, readonly string[]>> = {
  stop: ["end_turn", "stop_sequence"],
  length: ["max_tokens"],
  "tool-calls": ["tool_use"],
  "content-filter": ["refusal"],
  refusal: ["refusal"],
  pause: ["pause_turn"],
};
const FACTS = { model: "m", requestId: "req_1", created: 1 };
const CALL = anthropicMessagesInbound.readCall(incoming({ model: "m", max_tokens: 5, messages: [{ role: "user", content: "hi" }] }));

/** A recorded answer of any dialect told as a message, streamed and whole: what a strict client of Anthropic's hears must be what was said. */
export function tellingProblems(recording: Recording): string[] {
  const events = eventsOf(recording);
  const { choices, failure, usage } = collect(events);
  const said = choices[0];
  if (failure !== undefined || said === undefined) return [];
  const encoder = anthropicMessagesInbound.encoder(CALL, FACTS);
  const streamed = hearMessageStream(events.map((event) => encoder.encode(event)).join(""));
  const whole = hearMessage(anthropicMessagesInbound.writeAnswer(events, CALL, FACTS));
  const problems = [...streamed.problems, ...whole.problems];
  const calls = said.calls.filter((call) => call !== undefined).map((call) => ({ name: call.name, input: objectOf(parseJson(call.arguments)) }));
  for (const heard of [streamed, whole]) {
    const spoken = heard.text.replaceAll(/!\[image\]\(data:[^)]*\)/g, "");
    if (spoken !== said.text + said.refusal)
      problems.push(`another text: ${JSON.stringify(spoken.slice(0, 60))} for ${JSON.stringify(said.text.slice(0, 60))}`);
    // Broken arguments are broken in a stream, as they came; whole ones must be objects.
    const sound = heard.calls.map(({ name, arguments: input }) => ({ name, input: isObject(input) ? input : {} }));
    if (!isDeepStrictEqual(sound, calls)) problems.push(`other calls: ${JSON.stringify(sound).slice(0, 150)} for ${JSON.stringify(calls).slice(0, 150)}`);
    const stops = said.refusal === "" ? STOPS[said.finish ?? "stop"] : ["refusal"];
    if (!stops.includes(heard.finish ?? "")) problems.push(`stop_reason ${heard.finish}, not ${stops.join(" or ")}`);
    if (usage !== undefined && heard.usage?.["output_tokens"] !== usage.output) problems.push("another usage");
  }
  if (!isDeepStrictEqual(streamed.content.length, whole.content.length)) problems.push("other blocks in a stream than in a whole answer");
  return problems;
}

function eventsOf({ api, stream, response }: Recording): readonly ChatEvent[] {
  const outbound = chatOutbound(DIALECTS[api] ?? "openai-chat");
  if (stream === false) return outbound.readAnswer(response.body);
  const reader = stream === "sse" ? sseReader() : ndjsonReader();
  const decoder = outbound.decoder();
  const frames = [...reader.feed(responseBytes(response)), ...reader.flush()].filter(({ data }) => data !== "");
  return [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()];
}
