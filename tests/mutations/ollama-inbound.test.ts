import { expect, test } from "bun:test";
import { chatOutbound, embeddingsOutbound } from "../../src/dialects/index.ts";
import { ollamaEmbedInbound, ollamaOldEmbeddingsInbound } from "../../src/dialects/ollama/inbound/embeddings.ts";
import { ollamaChatInbound, ollamaGenerateInbound } from "../../src/dialects/ollama/inbound.ts";
import { incoming } from "../../src/dialects/shared/incoming.fixture.ts";
import { profileFor } from "../../src/providers/index.ts";
import type { Json, JsonObject } from "../../src/vocabulary/json.ts";
import { hearOllama, hearOllamaStream } from "../conformance/hearers/ollama.ts";
import { madeSeeds } from "./seeds.ts";
import { checkSent, DESTINATIONS, eventsOf, refusedBy, type Trial, tryOut } from "./trials.ts";

/** Documents no client of Ollama's API would send, and answers none should get. */
const FACTS = { model: "m", requestId: "req_1", created: 1 };
const TRIES = 4000;

const CALL = { function: { name: "f", arguments: { a: 1 } } };
const CHAT: JsonObject = {
  model: "m",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "What is this?", images: ["iVBORw0KGgo=", "data:image/gif;base64,R0lGODlh"] },
    { role: "assistant", content: "", thinking: "hm", tool_calls: [CALL, { id: "call_1", ...CALL }] },
    { role: "tool", tool_name: "f", content: "found" },
    { role: "tool", tool_call_id: "call_1", content: "found" },
  ],
  tools: [{ type: "function", function: { name: "f", description: "d", parameters: { type: "object", properties: { a: { type: "integer" } } } } }],
  format: { type: "object", properties: { a: { enum: ["b"] } } },
  think: "low",
  options: { num_predict: 100, temperature: 0.5, stop: ["END"], seed: 1, num_ctx: 8192 },
  keep_alive: "5m",
  logprobs: true,
  top_logprobs: 2,
};
const GENERATE: JsonObject = {
  model: "m",
  prompt: "hi",
  system: "s",
  suffix: "",
  images: ["R0lGODlh"],
  template: "t",
  context: [1],
  options: { top_k: 4 },
  raw: false,
};
const EMBED: JsonObject = { model: "m", input: ["a", "b"], prompt: "a", truncate: true, dimensions: 8, options: { num_ctx: 512 }, keep_alive: 0 };

const chats: Trial = (mutator) => {
  const [face, document] = mutator.pick([
    [ollamaChatInbound, CHAT],
    [ollamaGenerateInbound, GENERATE],
  ] as const);
  const [name, kind, model] = mutator.pick([...DESTINATIONS, ["ollama-generate", "ollama", "m"] as const]);
  try {
    const call = face.readCall(incoming(mutator.mutated(document)));
    if (call.residence !== undefined) JSON.parse(face.writeResidence(call.residence, FACTS));
    const dialect = chatOutbound(name);
    const destination = { model, profile: profileFor(kind, model) };
    if (dialect.name === call.dialect) JSON.parse(dialect.express?.(call, destination).body ?? "");
    checkSent(call.dialect, { dialect: name, kind, body: JSON.parse(dialect.write(call.request(), destination).body) as Json });
    return "passed";
  } catch (thrown) {
    return refusedBy(thrown);
  }
};

const embeddings: Trial = (mutator) => {
  try {
    const request = mutator
      .pick([ollamaEmbedInbound, ollamaOldEmbeddingsInbound])
      .readCall(incoming(mutator.mutated(EMBED)))
      .request();
    const name = mutator.pick(["openai-embeddings", "gemini-embeddings", "ollama-embeddings"] as const);
    JSON.parse(embeddingsOutbound(name).write(request, { model: "m", profile: profileFor("openai", "m") }).body);
    return "passed";
  } catch (thrown) {
    return refusedBy(thrown);
  }
};

/** What a strict client hears has no fault. */
const answers: Trial = (mutator, seeds) => {
  let events: ReturnType<typeof eventsOf>;
  try {
    events = eventsOf(mutator, mutator.pick(seeds.answers));
  } catch (thrown) {
    return refusedBy(thrown);
  }
  for (const [face, body] of [
    [ollamaChatInbound, CHAT],
    [ollamaGenerateInbound, GENERATE],
  ] as const) {
    const call = face.readCall(incoming(body));
    const encoder = face.encoder(call, FACTS);
    const heard = [hearOllamaStream(events.map((event) => encoder.encode(event)).join(""))];
    if (events.at(-1)?.type === "end") heard.push(hearOllama(face.writeAnswer(events, call, FACTS)));
    for (const { problems, lines } of heard) if (problems.length > 0) throw new Error(`${problems.join("; ")}: ${JSON.stringify(lines).slice(0, 200)}`);
  }
  return events.at(-1)?.type === "end" ? "passed" : "refused";
};

test.each(Object.entries({ chats, embeddings, answers }))("%s: mutated ones pass or are refused by name", (_name, trial) => {
  const { passed, refused } = tryOut(trial, madeSeeds(), 0, TRIES);
  expect(passed + refused).toBe(TRIES);
  expect(passed).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(0);
});
