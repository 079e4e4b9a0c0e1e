import { describe, expect, test } from "bun:test";
import type { Json, JsonObject } from "../../../src/vocabulary/json.ts";
import { type Behaviour, failing } from "../../fakes/upstream/behaviours.ts";
import { startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox } from "../../harness/box.ts";
import { until } from "../../harness/until.ts";
import { CHAT, KEY, keepingBox, kept } from "./kept.ts";

/** What is asked anew every time. */
const { fake, box, chat, post } = await keepingBox();
const entries = () => box.cache?.state().entries;

describe("an answer that is not kept", () => {
  const LONG = "one two three four five six seven eight nine ten";
  const rows: [string, Behaviour, JsonObject?][] = [
    ["a failure", failing(500)],
    ["a refusal of its provider", { answer: { text: "I", finish: "content-filter" } }],
    ["a refusal of the model", { answer: { refusal: "I will not." } }],
    ["one that says nothing", { answer: { text: "" } }],
    ["one that ends for a length the client did not ask for", { answer: { text: "I", finish: "length" } }],
    ["a cut", { answer: { text: LONG }, cut: { afterFrames: 4 } }, { stream: true }],
    ["an end too early", { answer: { text: LONG }, endAfterFrames: 4 }, { stream: true }],
    ["an error after content", { answer: { text: LONG }, errorFrame: { afterFrames: 4 } }, { stream: true }],
    ["one that is too large", { answer: { text: "x".repeat(64 * 1024) } }],
    ["one that is too large, streamed", { answer: { text: Array.from({ length: 70 }, () => "x".repeat(1024)) } }, { stream: true }],
  ];
  test.each(rows)("%s", async (_name, behaviour, more = {}) => {
    fake.play(behaviour);
    await chat(more);
    expect(entries()).toBe(0);
    fake.play({ answer: { text: "well" } });
    const again = await chat(more);
    expect([again.cache, again.text.includes("well")]).toEqual(["miss", true]);
    expect(entries()).toBe(1);
  });

  test("one whose client left", async () => {
    fake.play({ answer: { text: LONG }, stall: { afterFrames: 4 } });
    const leaving = new AbortController();
    const from = box.records.length;
    const response = await box.post("/v1/chat/completions", { ...CHAT, stream: true }, { headers: KEY, signal: leaving.signal });
    await response.body?.getReader().read();
    leaving.abort();
    expect((await box.record(from)).outcome).toBe("client-left");
    await kept();
    expect([entries(), box.cache?.flights.size]).toEqual([0, 0]);
  });

  test("another model's, which stood in", async () => {
    const upstream = await startFakeUpstream({ models: { sick: failing(500) } });
    const two = startBox({
      models: { sick: [{ kind: "openai", url: upstream.url }], well: [{ kind: "openai", url: upstream.url }] },
      fallbacks: { sick: ["well"] },
      policy: { attempts: 3 },
      cache: {},
    });
    const response = await two.post("/v1/chat/completions", { ...CHAT, model: "sick" });
    expect([response.status, response.headers.get("x-signalbox-deployment")]).toEqual([200, "openai/well"]);
    await response.text();
    await kept();
    expect(two.cache?.state().entries).toBe(0);
    await two.stop();
    await upstream.stop();
  });
});

describe("a request that is asked anew", () => {
  const block = { type: "document", source: { type: "text", media_type: "text/plain", data: "x" }, citations: { enabled: true } };
  const claude = (more: JsonObject): [string, JsonObject] => [
    "/v1/messages",
    { model: "claude", max_tokens: 9, messages: [{ role: "user", content: "hi" }], ...more },
  ];
  const rows: [string, [string, JsonObject]][] = [
    ["a search of the provider's", claude({ tools: [{ type: "web_search_20250305", name: "web_search" }] })],
    ["citations", claude({ messages: [{ role: "user", content: [block] as Json }] })],
    [
      "a hosted tool of OpenAI's",
      ["/v1/responses", { model: "m", input: "hi", tools: [{ type: "function", name: "f", parameters: {} }, { type: "web_search" }] }],
    ],
    ["a search in a chat", ["/v1/chat/completions", { ...CHAT, web_search_options: {} }]],
  ];
  test.each(rows)("%s", async (_name, [path, body]) => {
    expect((await post(path, body)).cache).toBe("bypass");
    expect(entries()).toBe(0);
  });
});

test("where the cache is off for a model, nothing is said of it", async () => {
  const off = startBox({ models: { m: [{ kind: "openai", url: fake.url }] }, cache: { policy: { enabled: false } } });
  const response = await off.post("/v1/chat/completions", CHAT, { headers: { ...KEY, "cache-control": "only-if-cached" } });
  expect([response.status, response.headers.get("x-signalbox-cache")]).toEqual([200, null]);
  await until("the record", () => off.records.length === 1);
  expect([off.records[0]?.cache, off.cache?.state().entries]).toEqual([undefined, 0]);
  await off.stop();
});
