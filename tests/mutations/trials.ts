import { anthropicMessagesInbound } from "../../src/dialects/anthropic-messages/inbound.ts";
import { geminiInbound } from "../../src/dialects/gemini/inbound.ts";
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
import { isObject, type Json, type JsonObject, objectOf, parseJson } from "../../src/vocabulary/json.ts";
import { hearMessage, hearMessageStream } from "../conformance/hearers/anthropic-messages.ts";
import { hearGemini, hearGeminiStream } from "../conformance/hearers/gemini.ts";
import type { Heard } from "../conformance/hearers/heard.ts";
import { hearChat, hearChatStream } from "../conformance/hearers/openai-chat.ts";
import { hearCompletion, hearCompletionStream } from "../conformance/hearers/openai-completions.ts";
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
  for (const client of CLIENTS) checkHeard(client, events);
  return events.at(-1)?.type === "end" ? "passed" : "refused";
}

/** A client that is told an answer: what it asked, and how it hears. */
interface Client {
  readonly face: ChatInbound;
  readonly call: ChatCall;
  readonly stream: (text: string) => Heard;
  readonly whole: (text: string) => Heard;
}

const HI: Json = { role: "user", content: "hi" };
const STREAMED: JsonObject = { model: "m", stream: true, stream_options: { include_usage: true } };
const CLIENTS: readonly Client[] = [
  { face: openaiChatInbound, call: openaiChatInbound.readCall(incoming({ ...STREAMED, messages: [HI] })), stream: hearChatStream, whole: hearChat },
  {
    face: openaiCompletionsInbound,
    call: openaiCompletionsInbound.readCall(incoming({ ...STREAMED, prompt: "hi" })),
    stream: hearCompletionStream,
    whole: hearCompletion,
  },
  {
    face: anthropicMessagesInbound,
    call: anthropicMessagesInbound.readCall(incoming({ model: "m", max_tokens: 9, stream: true, messages: [HI] })),
    stream: hearMessageStream,
    whole: hearMessage,
  },
  {
    face: geminiInbound,
    call: geminiInbound.readCall(incoming({ contents: [{ parts: [{ text: "hi" }] }] }, {}, "m:streamGenerateContent")),
    stream: hearGeminiStream,
    whole: hearGemini,
  },
];
/**
 * What an upstream broke stays broken: calls it did not name, arguments that are none, what it says after it finished, and answers whose
 * choices begin with another than the first.
 */
const THEIRS =
  /^(a call without id, name or input|a tool call without type or id|a delta after the finish|no finish|usage before the finish|2 ids|0 reasons to finish)$/;

/** Told in any dialect, streamed and whole, it must be in the order and shape that dialect's clients insist on. */
function checkHeard({ face, call, stream, whole }: Client, events: readonly ChatEvent[]): void {
  const heard = [stream(streamed(face, call, events))];
  if (events.at(-1)?.type === "end") heard.push(whole(face.writeAnswer(events, call, FACTS)));
  for (const { problems, ...rest } of heard) {
    const ours = problems.filter((problem) => !THEIRS.test(problem));
    if (ours.length > 0) throw new Error(`${face.name}: ${ours.join("; ")}: ${JSON.stringify(rest).slice(0, 200)}`);
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
