import { anthropicMessagesInbound } from "../../src/dialects/anthropic-messages/inbound.ts";
import { chatOutbound, embeddingsOutbound } from "../../src/dialects/index.ts";
import { openaiChatInbound } from "../../src/dialects/openai-chat/inbound.ts";
import { openaiCompletionsInbound } from "../../src/dialects/openai-completions/inbound.ts";
import { openaiEmbeddingsInbound } from "../../src/dialects/openai-embeddings/inbound.ts";
import { incoming } from "../../src/dialects/shared/incoming.fixture.ts";
import { signatureMemory } from "../../src/gateway/attempts/signatures.ts";
import { profileFor } from "../../src/providers/index.ts";
import type { ChatCall, ChatInbound, DialectName } from "../../src/vocabulary/dialect.ts";
import type { ChatEvent } from "../../src/vocabulary/events.ts";
import { Failure } from "../../src/vocabulary/failure.ts";
import { isObject, type Json, listOf, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { hearMessage, hearMessageStream } from "../conformance/hearers/anthropic-messages.ts";
import { requestMisfits, type Sent } from "../specs/requests.ts";
import { Mutator, randomFrom } from "./mutate.ts";
import { frame, jsonIn, type SeedAnswer, type Seeds } from "./seeds.ts";

/** What became of a trial: it went through, or it failed with a failure that has a name. Anything else is thrown. */
export type Verdict = "passed" | "refused";

/** One thing to try, over and over, with ever other documents. */
export type Trial = (mutator: Mutator, seeds: Seeds) => Verdict;

export const FACTS = { model: "m", requestId: "req_1", created: 1 };
export const DESTINATIONS: readonly (readonly [DialectName, string, string])[] = [
  ["openai-chat", "openai", "gpt-5"],
  ["openai-chat", "mistral", "mistral-large-latest"],
  ["openai-responses", "openai", "o3-pro"],
  ["openai-completions", "openai-compatible", "m"],
  ["anthropic-messages", "anthropic", "claude-sonnet-4-5"],
  ["anthropic-messages", "anthropic", "claude-opus-4-7"],
  ["gemini", "gemini", "gemini-2.5-pro"],
  ["gemini", "gemini", "gemini-3-pro-preview"],
  ["ollama", "ollama", "llama3.2"],
];

/** A request that makes no sense is refused by name or written, to every dialect; nothing else happens. */
const request = requestTo(openaiChatInbound, (seeds) => seeds.requests);
const messages = requestTo(anthropicMessagesInbound, (seeds) => seeds.messages);

function requestTo(face: ChatInbound, seedsOf: (seeds: Seeds) => readonly Json[]): Trial {
  return (mutator, seeds) => writtenTo(face, JSON.stringify(mutator.mutated(mutator.pick(seedsOf(seeds)))), mutator);
}

function writtenTo(face: ChatInbound, text: string, mutator: Mutator): Verdict {
  const [name, kind, model] = mutator.pick(DESTINATIONS);
  try {
    const call = face.readCall(incoming(text));
    const dialect = chatOutbound(name);
    const destination = { model, profile: profileFor(kind, model) };
    const written = [dialect.write(signatureMemory().restore(call.request(), "ann", "family"), destination)];
    if (dialect.name === call.dialect && dialect.express !== undefined) written.push(dialect.express(call, destination));
    for (const { body } of written) JSON.parse(body);
    checkSent(call.dialect, { dialect: name, kind, body: parseJson(written[0]?.body ?? "") });
    return "passed";
  } catch (thrown) {
    return refusedBy(thrown);
  }
}

/** However odd the client's words, what they become for Anthropic is what Anthropic takes; its own clients' words are passed on to it. */
export function checkSent(from: DialectName, sent: Sent): void {
  if (sent.dialect !== "anthropic-messages" || from === sent.dialect) return;
  const misfits = requestMisfits(sent);
  if (misfits.length > 0) throw new Error(misfits.join("; "));
}

/** An answer that makes no sense becomes one that does, or one failure after what was said; nothing follows either. */
function answer(mutator: Mutator, seeds: Seeds): Verdict {
  let events: readonly ChatEvent[];
  try {
    events = eventsOf(mutator, mutator.pick(seeds.answers));
  } catch (thrown) {
    return refusedBy(thrown);
  }
  const last = events.findIndex(({ type }) => type === "failure" || type === "end");
  if (last !== events.length - 1) throw new Error(`something follows ${events[last]?.type ?? "nothing: the answer never ends"}`);
  for (const [face, body] of [
    [openaiChatInbound, { model: "m", stream: true, stream_options: { include_usage: true }, messages: [{ role: "user", content: "hi" }] }],
    [openaiCompletionsInbound, { model: "m", stream: true, stream_options: { include_usage: true }, prompt: "hi" }],
  ] as const) {
    const call = face.readCall(incoming(body));
    checkStream(streamed(face, call, events));
    if (events.at(-1)?.type === "end") checkUsage(objectOf(JSON.parse(face.writeAnswer(events, call, FACTS)))["usage"]);
  }
  checkMessage(events);
  return events.at(-1)?.type === "end" ? "passed" : "refused";
}

/** Told as a message, it must be in the order Anthropic's clients insist on, streamed and whole. */
function checkMessage(events: readonly ChatEvent[]): void {
  const call = anthropicMessagesInbound.readCall(incoming({ model: "m", max_tokens: 9, stream: true, messages: [{ role: "user", content: "hi" }] }));
  const heard = [hearMessageStream(streamed(anthropicMessagesInbound, call, events))];
  if (events.at(-1)?.type === "end") heard.push(hearMessage(anthropicMessagesInbound.writeAnswer(events, call, FACTS)));
  for (const { problems, content } of heard) {
    // Arguments that an upstream broke are broken in a stream, and a call it did not name has no name.
    const ours = problems.filter((problem) => problem !== "a call without id, name or input");
    if (ours.length > 0) throw new Error(`${ours.join("; ")}: ${JSON.stringify(content).slice(0, 200)}`);
  }
}

export function eventsOf(mutator: Mutator, { dialect, whole, frames = [] }: SeedAnswer): ChatEvent[] {
  const outbound = chatOutbound(dialect);
  if (whole !== undefined) {
    const events = outbound.readAnswer(mutator.mutated(whole));
    const failed = events.findIndex(({ type }) => type === "failure");
    return failed < 0 ? events : events.slice(0, failed + 1);
  }
  const decoder = outbound.decoder();
  const changed = mutator.shuffled(frames, (one) => {
    const json = jsonIn(one);
    return json === undefined ? one : frame(one.event, JSON.stringify(mutator.mutated(json)));
  });
  return [...changed.flatMap((one) => decoder.decode(one)), ...decoder.close()];
}

export function streamed(face: ChatInbound, call: ChatCall, events: readonly ChatEvent[]): string {
  const encoder = face.encoder(call, FACTS);
  return events.map((event) => encoder.encode(event)).join("");
}

/** Every frame is JSON with whole counts, no choice ends twice, and the end mark is the last. */
function checkStream(text: string): void {
  const frames = text.split("\n\n").filter(Boolean);
  if (frames.pop() !== "data: [DONE]") throw new Error("the stream has no end mark");
  const finished = new Set<Json | undefined>();
  for (const data of frames) {
    const json = parseJson(data.replace(/^data: /, ""));
    if (!isObject(json)) throw new Error(`a frame is no JSON object: ${data.slice(0, 200)}`);
    checkUsage(json["usage"]);
    for (const choice of listOf(json["choices"]).map(objectOf)) {
      if (choice["finish_reason"] === null || choice["finish_reason"] === undefined) continue;
      if (finished.has(choice["index"])) throw new Error(`choice ${choice["index"]} ends twice`);
      finished.add(choice["index"]);
    }
  }
}

function checkUsage(usage: Json | undefined): void {
  if (!isObject(usage)) return;
  for (const name of ["prompt_tokens", "completion_tokens", "total_tokens"]) {
    const count = usage[name];
    if (count === undefined) continue;
    if (typeof count !== "number" || !Number.isSafeInteger(count) || count < 0) throw new Error(`${name} is ${count}`);
  }
}

const STATUSES = [300, 301, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 499, 500, 502, 503, 504, 529, 599, 600];
const WAITS = ["1", "0.5", "-5", "1e308", "Wed, 21 Oct 2026 07:28:00 GMT", "soon", ""];

/** A refusal that makes no sense becomes a failure with words, and an answer of 4xx or 5xx for the client. */
function refusal(mutator: Mutator, seeds: Seeds): Verdict {
  const text = mutator.once(10) ? mutator.pick(["", "<html>", "null", "[]", '"x"', "5"]) : JSON.stringify(mutator.mutated(mutator.pick(seeds.refusals)));
  const headers = new Headers({ "content-type": mutator.pick(["application/json", "text/html"]), "retry-after": mutator.pick(WAITS) });
  const [name] = mutator.pick(DESTINATIONS);
  const failure = chatOutbound(name).readFailure({ status: mutator.pick(STATUSES), headers, text });
  if (failure.message === "") throw new Error("a failure without words");
  for (const face of [openaiChatInbound, anthropicMessagesInbound]) {
    const written = face.writeFailure(failure, "req_1");
    JSON.parse(written.body);
    new Headers({ ...written.headers });
    if (written.status < 400 || written.status > 599) throw new Error(`a failure with status ${written.status}`);
  }
  return "refused";
}

/** Vectors that make no sense are refused by name, or written. */
function embeddings(mutator: Mutator, seeds: Seeds): Verdict {
  const { dialect, json } = mutator.pick(seeds.embeddings);
  const changed = mutator.mutated(json);
  try {
    const call = openaiEmbeddingsInbound.readCall(incoming({ model: "m", input: ["a"], encoding_format: mutator.pick(["float", "base64"]) }));
    checkUsage(objectOf(JSON.parse(openaiEmbeddingsInbound.writeAnswer(embeddingsOutbound(dialect).readAnswer(changed), call, FACTS)))["usage"]);
    return "passed";
  } catch (thrown) {
    return refusedBy(thrown);
  }
}

/** `refused` for a failure of somebody else's making. Mistakes of our own are thrown on. */
export function refusedBy(thrown: unknown): Verdict {
  if (thrown instanceof Failure && thrown.kind !== "internal") return "refused";
  throw thrown;
}

/** Tries so often, each time with a number of its own, from `first` on. Throws with that number what is neither. */
export function tryOut(trial: Trial, seeds: Seeds, first: number, tries: number): Record<Verdict, number> {
  const others = [...seeds.requests, ...seeds.refusals, ...seeds.answers.flatMap(({ whole }) => (whole === undefined ? [] : [whole]))];
  const verdicts = { passed: 0, refused: 0 };
  for (let number = first; number < first + tries; number++) {
    try {
      verdicts[trial(new Mutator(randomFrom(number), others), seeds)]++;
    } catch (thrown) {
      throw new Error(`Try ${number}: ${thrown instanceof Error ? thrown.message : thrown}`, { cause: thrown });
    }
  }
  return verdicts;
}

export const TRIALS = { request, messages, answer, refusal, embeddings } as const satisfies Record<string, Trial>;
