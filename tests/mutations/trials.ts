import { chatOutbound, embeddingsOutbound } from "../../src/dialects/index.ts";
import type { OllamaCall } from "../../src/dialects/ollama/inbound/call.ts";
import { ollamaChatInbound } from "../../src/dialects/ollama/inbound.ts";
import { estimatedTokens } from "../../src/dialects/shared/conversation/estimate.ts";
import { incoming } from "../../src/dialects/shared/incoming.fixture.ts";
import { signatureMemory } from "../../src/gateway/asking/signatures.ts";
import { profileFor } from "../../src/providers/index.ts";
import type { ChatCall, ChatInbound, DialectName } from "../../src/vocabulary/dialect.ts";
import type { ChatEvent } from "../../src/vocabulary/events.ts";
import { Failure } from "../../src/vocabulary/failure.ts";
import { objectOf } from "../../src/vocabulary/json.ts";
import { seeded } from "../../src/vocabulary/seeded.fixture.ts";
import { requestMisfits, type Sent } from "../specs/requests.ts";
import { COUNT_DOORS, DOORS, type Door, EMBEDDING_DOORS } from "./faces.ts";
import { Mutator } from "./mutate.ts";
import { frame, jsonIn, type SeedAnswer, type Seeds } from "./seeds.ts";
import { checkCounts, checkHeard, documentIn } from "./sound.ts";

/** What became of a trial: it went through, or it failed with a failure that has a name. Anything else is thrown. */
export type Verdict = "passed" | "refused";

/** One thing to try, over and over, with ever other documents. */
export type Trial = (mutator: Mutator, seeds: Seeds) => Verdict;

const FACTS = { model: "m", requestId: "req_1", created: 1 };
const DESTINATIONS: readonly (readonly [DialectName, string, string])[] = [
  ["openai-chat", "openai", "gpt-5"],
  ["openai-chat", "mistral", "mistral-large-latest"],
  ["openai-responses", "openai", "o3-pro"],
  ["openai-completions", "openai-compatible", "m"],
  ["anthropic-messages", "anthropic", "claude-sonnet-4-5"],
  ["anthropic-messages", "anthropic", "claude-opus-4-7"],
  ["gemini", "gemini", "gemini-2.5-pro"],
  ["gemini", "gemini", "gemini-3-pro-preview"],
  ["ollama", "ollama", "llama3.2"],
  ["ollama-generate", "ollama", "m"],
];

/** A request that makes no sense is refused by name or written, to every dialect; and an answer to it is a sound one. */
const request =
  ({ face, rest, hearer }: Door): Trial =>
  (mutator, seeds) => {
    const [name, kind, model] = mutator.pick(DESTINATIONS);
    try {
      const call = face.readCall(incoming(mutator.mutated(mutator.pick(seeds.requests[face.name] ?? [])), {}, rest));
      const { residence } = call as OllamaCall;
      if (residence !== undefined) JSON.parse(ollamaChatInbound.writeResidence(residence, FACTS));
      const dialect = chatOutbound(name);
      const destination = { model, profile: profileFor(kind, model) };
      const written = [dialect.write(signatureMemory().restore(call.request(), "ann", "family"), destination)];
      if (dialect.name === call.dialect && dialect.express !== undefined) written.push(dialect.express(call, destination));
      const bodies = written.map(({ body }) => documentIn(body));
      checkSent(call.dialect, { dialect: name, kind, body: bodies[0] });
      checkHeard(hearer, streamed(face, call, ANSWERED), face.writeAnswer(ANSWERED, call, FACTS));
      return "passed";
    } catch (thrown) {
      return refusedBy(thrown);
    }
  };

/** However odd the client's words, what they become for Anthropic is what Anthropic takes; its own clients' words are passed on to it. */
function checkSent(from: DialectName, sent: Sent): void {
  if (sent.dialect !== "anthropic-messages" || from === sent.dialect) return;
  const misfits = requestMisfits(sent);
  if (misfits.length > 0) throw new Error(misfits.join("; "));
}

const ANSWERED: readonly ChatEvent[] = [
  { type: "start" },
  { type: "tool-call", choice: 0, call: 0, id: "c", name: "n__f" },
  { type: "tool-call", choice: 0, call: 1, id: "c", name: "patch" },
  { type: "finish", choice: 0, reason: "tool-calls" },
  { type: "end" },
];

/** An answer that makes no sense becomes one that does, or one failure after what was said; nothing follows either. */
const answer =
  ({ face, call, hearer }: Door): Trial =>
  (mutator, seeds) => {
    let events: readonly ChatEvent[];
    try {
      events = eventsOf(mutator, mutator.pick(seeds.answers));
    } catch (thrown) {
      return refusedBy(thrown);
    }
    const last = events.findIndex(({ type }) => type === "failure" || type === "end");
    if (last !== events.length - 1) throw new Error(`something follows ${events[last]?.type ?? "nothing: the answer never ends"}`);
    const whole = events.at(-1)?.type === "end";
    checkHeard(hearer, streamed(face, call, events), whole ? face.writeAnswer(events, call, FACTS) : undefined);
    return whole ? "passed" : "refused";
  };

function eventsOf(mutator: Mutator, { dialect, whole, frames = [] }: SeedAnswer): ChatEvent[] {
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

function streamed(face: ChatInbound, call: ChatCall, events: readonly ChatEvent[]): string {
  const encoder = face.encoder(call, FACTS);
  return events.map((event) => encoder.encode(event)).join("");
}

const STATUSES = [300, 301, 400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 499, 500, 502, 503, 504, 529, 599, 600];
const WAITS = ["1", "0.5", "-5", "1e308", "Wed, 21 Oct 2026 07:28:00 GMT", "soon", ""];

/** A refusal that makes no sense becomes a failure with words, and an answer of 4xx or 5xx for every client. */
function refusal(mutator: Mutator, seeds: Seeds): Verdict {
  const text = mutator.once(10) ? mutator.pick(["", "<html>", "null", "[]", '"x"', "5"]) : JSON.stringify(mutator.mutated(mutator.pick(seeds.refusals)));
  const headers = new Headers({ "content-type": mutator.pick(["application/json", "text/html"]), "retry-after": mutator.pick(WAITS) });
  const [name] = mutator.pick(DESTINATIONS);
  const failure = chatOutbound(name).readFailure({ status: mutator.pick(STATUSES), headers, text });
  if (failure.message === "") throw new Error("a failure without words");
  for (const { face } of DOORS) {
    const written = face.writeFailure(failure, "req_1");
    JSON.parse(written.body);
    new Headers({ ...written.headers });
    if (written.status < 400 || written.status > 599) throw new Error(`a failure with status ${written.status}`);
  }
  return "refused";
}

/** A request for vectors that makes no sense is refused by name, or written to every dialect. */
function embeddingsRequest(mutator: Mutator, seeds: Seeds): Verdict {
  const { face, asked, rest } = mutator.pick(EMBEDDING_DOORS);
  const name = mutator.pick(["openai-embeddings", "gemini-embeddings", "ollama-embeddings"] as const);
  try {
    const call = face.readCall(incoming(mutator.mutated(mutator.pick(seeds.requests[asked] ?? [])), {}, rest));
    JSON.parse(embeddingsOutbound(name).write(call.request(), { model: "m", profile: profileFor("openai", "m") }).body);
    return "passed";
  } catch (thrown) {
    return refusedBy(thrown);
  }
}

/** Vectors that make no sense are refused by name, or written. */
function embeddingsAnswer(mutator: Mutator, seeds: Seeds): Verdict {
  const { dialect, json } = mutator.pick(seeds.embeddings);
  const { face, rest } = mutator.pick(EMBEDDING_DOORS);
  const changed = mutator.mutated(json);
  const asked = {
    model: "m",
    input: ["a"],
    prompt: "a",
    encoding_format: mutator.pick(["float", "base64"]),
    requests: [{ content: { parts: [{ text: "a" }] } }],
  };
  try {
    const answered = objectOf(JSON.parse(face.writeAnswer(embeddingsOutbound(dialect).readAnswer(changed), face.readCall(incoming(asked, {}, rest)), FACTS)));
    checkCounts(answered["usage"], ["prompt_tokens", "total_tokens"]);
    checkCounts(answered, ["prompt_eval_count"]);
    return "passed";
  } catch (thrown) {
    return refusedBy(thrown);
  }
}

/** What cannot be counted is refused by name; the rest takes a whole number of tokens. */
function count(mutator: Mutator, seeds: Seeds): Verdict {
  const { face, asked, rest } = mutator.pick(COUNT_DOORS);
  const document = mutator.mutated(mutator.pick(seeds.requests[asked] ?? []));
  try {
    const counted = objectOf(JSON.parse(face.writeCount(estimatedTokens(face.readCall(incoming(document, {}, rest)).request()))));
    checkCounts(counted, ["input_tokens", "totalTokens"]);
    return "passed";
  } catch (thrown) {
    return refusedBy(thrown);
  }
}

/** `refused` for a failure of somebody else's making. Mistakes of our own are thrown on. */
function refusedBy(thrown: unknown): Verdict {
  if (thrown instanceof Failure && thrown.kind !== "internal") return "refused";
  throw thrown;
}

/** Tries so often, each time with a number of its own, from `first` on. Throws with that number what is neither. */
export function tryOut(trial: Trial, seeds: Seeds, first: number, tries: number): Record<Verdict, number> {
  const others = [...Object.values(seeds.requests).flat(), ...seeds.refusals, ...seeds.answers.flatMap(({ whole }) => (whole === undefined ? [] : [whole]))];
  const verdicts = { passed: 0, refused: 0 };
  for (let number = first; number < first + tries; number++) {
    try {
      verdicts[trial(new Mutator(seeded(number), others), seeds)]++;
    } catch (thrown) {
      throw new Error(`Try ${number}: ${thrown instanceof Error ? thrown.message : thrown}`, { cause: thrown });
    }
  }
  return verdicts;
}

/** Every inbound dialect's requests to every outbound dialect, and every outbound dialect's answers to every inbound one. */
export const TRIALS: Readonly<Record<string, Trial>> = {
  ...Object.fromEntries(DOORS.map((door) => [`request, ${door.face.name}`, request(door)])),
  ...Object.fromEntries(DOORS.map((door) => [`answer, to ${door.face.name}`, answer(door)])),
  refusal,
  "embeddings request": embeddingsRequest,
  "embeddings answer": embeddingsAnswer,
  count,
};
