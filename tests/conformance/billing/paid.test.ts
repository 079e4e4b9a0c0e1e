import { afterEach, describe, expect, test } from "bun:test";
import type { Model } from "../../../src/vocabulary/model.ts";
import { dollarsOf, type Nano } from "../../../src/vocabulary/money.ts";
import { testTariff } from "../../../src/vocabulary/price.fixture.ts";
import type { Script } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox, type TestBoxOptions } from "../../harness/box.ts";
import { type TestMoney, testMoney } from "../../harness/money.ts";

/** One dollar for a million tokens of prompt, two for a million of answer. */
const PRICE = testTariff({ input: 1, output: 2 });
const ANSWER = { text: "one two three", usage: { input: 10, output: 5 } };
/** 10 tokens at 1000 nano-dollars and 5 at 2000. */
const CHARGE: Nano = 20_000n;

let money: TestMoney;
let fake: FakeUpstream;
let box: TestBox;
afterEach(async () => {
  await box.stop();
  await fake.stop();
  await money.close();
});

async function start(script: Script, more: { readonly model?: Partial<Model>; readonly balance?: Nano; readonly options?: Partial<TestBoxOptions> } = {}) {
  money = testMoney();
  fake = await startFakeUpstream(script);
  await money.grant("user:ann", more.balance ?? 1_000_000_000n);
  box = startBox({
    models: { m: [{ kind: "openai-compatible", url: `${fake.url}/v1` }] },
    more: { m: { price: PRICE, ...more.model } },
    ledger: money.ledger,
    caller: { userId: "ann" },
    ...more.options,
  });
}

const CHAT = { model: "m", messages: [{ role: "user", content: "hello there" }], max_tokens: 100 };

/** Every route that takes money, how it is asked, and what of the fake's usage it reports. */
const ROUTES: readonly (readonly [name: string, path: string, body: object, charge: Nano, description: string])[] = [
  ["chat", "/v1/chat/completions", CHAT, CHARGE, "Chat completion with m"],
  ["chat, streamed", "/v1/chat/completions", { ...CHAT, stream: true }, CHARGE, "Chat completion with m"],
  ["the route that always streams", "/v1/chat/completions/stream", CHAT, CHARGE, "Chat completion with m"],
  ["responses", "/v1/responses", { model: "m", input: "hello there", max_output_tokens: 100 }, CHARGE, "Chat completion with m"],
  ["messages", "/v1/messages", CHAT, CHARGE, "Chat completion with m"],
  ["messages, streamed", "/v1/messages", { ...CHAT, stream: true }, CHARGE, "Chat completion with m"],
  ["completions", "/v1/completions", { model: "m", prompt: "hello", max_tokens: 100 }, CHARGE, "Completion with m"],
  ["gemini", "/v1beta/models/m:generateContent", { contents: [{ parts: [{ text: "hello" }] }] }, CHARGE, "Chat completion with m"],
  ["gemini, streamed", "/v1beta/models/m:streamGenerateContent", { contents: [{ parts: [{ text: "hello" }] }] }, CHARGE, "Chat completion with m"],
  ["ollama", "/api/chat", { ...CHAT, stream: false }, CHARGE, "Chat completion with m"],
  ["embeddings", "/v1/embeddings", { model: "m", input: "hello" }, 10_000n, "Embeddings with m"],
  ["rerank", "/v1/rerank", { model: "m", query: "hello", documents: ["a", "b"] }, 10_000n, "Reranking with m"],
];

describe("what was used is paid, once, on every route", () => {
  test.each(ROUTES)("%s", async (_name, path, body, charge, description) => {
    await start({ answer: ANSWER });
    const reply = await box.post(path, body);
    const text = await reply.text();
    expect([reply.status, text.length > 0]).toEqual([200, true]);
    const record = await box.record(0);
    const [entry, ...others] = await money.entries();
    const used = -(entry?.amount ?? 0n);
    // Rerankers and the like count in ways of their own; what stands in the books is what stands in the record.
    expect([record.charge, record.cost]).toEqual([used, used]);
    if (!path.includes("rerank")) expect(used).toBe(charge);
    expect(entry).toMatchObject({ kind: "capture", description, model: "m", userId: "ann", keyId: "key_test", priceVersion: "config test" });
    expect(others.map(({ kind }) => kind)).toEqual(["grant"]);
    expect(await money.balance()).toBe(1_000_000_000n - used);
    expect(money.ledger.held("user:ann")).toBe(0n);
    // What a stream will cost is not known when its headers leave.
    expect(reply.headers.get("x-signalbox-cost")).toBe(record.stream ? null : dollarsOf(used));
  });
});

describe("whose price", () => {
  test("the caller is charged by the model asked for, the house pays the deployment that served", async () => {
    await start(
      { answer: ANSWER },
      { options: { models: { m: [{ kind: "openai-compatible", url: "", more: { price: testTariff({ input: 3, output: 3 }) } }] } } },
    );
    await box.stop();
    box = startBox({
      models: { m: [{ kind: "openai-compatible", url: `${fake.url}/v1`, more: { price: testTariff({ input: 3, output: 3 }) } }] },
      more: { m: { price: PRICE } },
      ledger: money.ledger,
      caller: { userId: "ann" },
    });
    await (await box.post("/v1/chat/completions", CHAT)).text();
    expect(await box.record(0)).toMatchObject({ charge: CHARGE, cost: 45_000n });
    expect(await money.balance()).toBe(1_000_000_000n - CHARGE);
  });

  test("a price nobody knows is not nothing: it is told, and not counted", async () => {
    await start({ answer: ANSWER }, { model: { price: undefined } });
    const reply = await box.post("/v1/chat/completions", CHAT);
    await reply.text();
    expect(reply.headers.get("x-signalbox-warnings")).toContain("Nobody knows what m costs");
    expect(reply.headers.get("x-signalbox-cost")).toBeNull();
    const record = await box.record(0);
    expect([record.charge, record.cost]).toEqual([undefined, undefined]);
    expect(await money.balance()).toBe(1_000_000_000n);
  });

  test("what is free is nothing, and says so", async () => {
    await start({ answer: ANSWER }, { model: { price: testTariff({}) }, balance: 0n });
    const reply = await box.post("/v1/chat/completions", CHAT);
    await reply.text();
    expect([reply.status, reply.headers.get("x-signalbox-cost")]).toEqual([200, "0"]);
    expect((await box.record(0)).charge).toBe(0n);
  });
});

describe("the last bytes leave once what they cost is durable", () => {
  test.each([
    ["chat", "/v1/chat/completions", CHAT],
    ["embeddings", "/v1/embeddings", { model: "m", input: "hello" }],
    ["rerank", "/v1/rerank", { model: "m", query: "hello", documents: ["a"] }],
  ] as const)("%s: nothing at all before", async (_name, path, body) => {
    await start({ answer: ANSWER });
    const go = money.stallJournal();
    let here = false;
    const reply = box.post(path, body).then(async (answer) => {
      await answer.text();
      here = true;
    });
    await box.record(0);
    await Bun.sleep(30);
    expect(here).toBe(false);
    go();
    await reply;
    expect(here).toBe(true);
  });

  test.each(["/v1/chat/completions", "/v1/messages"])("%s, streamed: all but the end before", async (path) => {
    await start({ answer: ANSWER });
    const go = money.stallJournal();
    const reply = await box.post(path, { ...CHAT, stream: true });
    let text = "";
    const reading = (async () => {
      for await (const piece of reply.body ?? []) text += Buffer.from(piece).toString();
    })();
    await box.record(0);
    await Bun.sleep(30);
    const end = path.includes("messages") ? "message_stop" : "[DONE]";
    expect([text.includes("three"), text.includes(end)]).toEqual([true, false]);
    go();
    await reading;
    expect(text).toContain(end);
  });
});

describe("answers of nobody's bounding", () => {
  const LONG = { text: Array.from({ length: 60 }, (_, index) => `word${index} `), usage: { input: 10, output: 60 } };
  const open = { model: "m", messages: CHAT.messages, stream: true };

  test("grow into what is free", async () => {
    await start({ answer: LONG }, { balance: 1_000_000n, options: { billing: { assumedOutput: 20 } } });
    const text = await (await box.post("/v1/chat/completions", open)).text();
    expect(text).toContain("word59");
    expect(text).toContain("[DONE]");
    expect(await money.balance()).toBe(1_000_000n - 130_000n);
  });

  test("end, with a word why, where the money does", async () => {
    await start({ answer: LONG, delayBetween: 1 }, { balance: 110_000n, options: { billing: { assumedOutput: 20 } } });
    const text = await (await box.post("/v1/chat/completions", open)).text();
    expect(text).toContain("insufficient_quota");
    expect(text).not.toContain("word59");
    const record = await box.record(0);
    expect([record.outcome, record.failure, record.usage?.evidence]).toEqual(["failed", "quota-exhausted", "counted"]);
    const delivered = record.usage?.output ?? 0;
    expect(delivered).toBeGreaterThanOrEqual(20);
    expect(delivered).toBeLessThan(60);
    const balance = await money.balance();
    expect(balance).toBe(110_000n - (record.charge ?? 0n));
    expect(balance).toBeGreaterThanOrEqual(0n);
  });

  test("with a bound of their own are never cut: they cannot pass it", async () => {
    await start({ answer: LONG }, { balance: 200_000n });
    const text = await (await box.post("/v1/chat/completions", { ...open, max_tokens: 60 })).text();
    expect(text).toContain("[DONE]");
    expect(await money.balance()).toBe(70_000n);
  });
});
