import { afterEach, describe, expect, test } from "bun:test";
import type { BillingPolicy } from "../../../src/gateway/signalbox.ts";
import { testTariff } from "../../../src/vocabulary/price.fixture.ts";
import { promptTokens } from "../../../src/vocabulary/usage.ts";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { type TestMoney, testMoney } from "../../harness/money.ts";
import { until } from "../../harness/until.ts";

/** In nano-dollars for a token of the prompt and of the answer. */
const [INPUT, OUTPUT] = [1_000n, 2_000n];
const PRICE = testTariff({ input: 1, output: 2, audioOutput: 2, character: 1 });
const PIECES = Array.from({ length: 12 }, (_, index) => `piece${index} `);
/** So many pieces come; then nothing more, and nobody closes. */
const STALLED = (frames: number): Behaviour => ({ answer: { text: PIECES, usage: { input: 10, output: 12 } }, stall: { afterFrames: frames } });

let money: TestMoney;
let fake: FakeUpstream;
let box: TestBox;
afterEach(async () => {
  await box.stop();
  await fake.stop();
  await money.close();
});

async function start(kind: string, behaviour: Behaviour, billing: Partial<BillingPolicy> = {}): Promise<void> {
  money = testMoney();
  fake = await startFakeUpstream(behaviour);
  await money.grant("user:ann", 1_000_000_000n);
  const url = kind === "gemini" || kind === "ollama" || kind === "anthropic" ? fake.url : `${fake.url}/v1`;
  box = startBox({ models: { m: [{ kind, url }] }, more: { m: { price: PRICE } }, ledger: money.ledger, caller: { userId: "ann" }, billing });
}

const MESSAGES = { model: "m", messages: [{ role: "user", content: "hello there" }], max_tokens: 100 };
const CONTENTS = { contents: [{ role: "user", parts: [{ text: "hello there" }] }] };

/** Every route that streams, in every dialect clients have. */
const STREAMS: readonly (readonly [name: string, path: string, body: object])[] = [
  ["chat", "/v1/chat/completions", { ...MESSAGES, stream: true }],
  ["the route that always streams", "/v1/chat/completions/stream", MESSAGES],
  ["responses", "/v1/responses", { model: "m", input: "hello there", stream: true }],
  ["messages", "/v1/messages", { ...MESSAGES, stream: true }],
  ["completions", "/v1/completions", { model: "m", prompt: "hello there", stream: true }],
  ["gemini", "/v1beta/models/m:streamGenerateContent?alt=sse", CONTENTS],
  ["ollama chat", "/api/chat", MESSAGES],
  ["ollama generate", "/api/generate", { model: "m", prompt: "hello there" }],
];
const KINDS = ["openai-compatible", "anthropic", "gemini", "ollama"] as const;

/** Whole answers, and what is passed on. */
const WHOLE: readonly (readonly [name: string, path: string, body: object])[] = [
  ["chat", "/v1/chat/completions", MESSAGES],
  ["responses", "/v1/responses", { model: "m", input: "hello there" }],
  ["messages", "/v1/messages", MESSAGES],
  ["completions", "/v1/completions", { model: "m", prompt: "hello there" }],
  ["gemini", "/v1beta/models/m:generateContent", CONTENTS],
  ["ollama chat", "/api/chat", { ...MESSAGES, stream: false }],
  ["embeddings", "/v1/embeddings", { model: "m", input: "hello there" }],
  ["gemini embeddings", "/v1beta/models/m:embedContent", { content: { parts: [{ text: "hello there" }] } }],
  ["ollama embeddings", "/api/embed", { model: "m", input: "hello there" }],
  ["rerank", "/v1/rerank", { model: "m", query: "hello", documents: ["a", "b"] }],
  ["moderations", "/v1/moderations", { model: "m", input: "hello there" }],
  ["images", "/v1/images/generations", { model: "m", prompt: "hello there" }],
  ["speech", "/v1/audio/speech", { model: "m", input: "hello there", voice: "v" }],
];

/** One entry, which says of itself what it is for, and the books say no more than it. */
async function oneEntry(pieces: number): Promise<void> {
  const record = await box.record(0);
  const [entry, ...others] = await money.entries();
  expect(others.map(({ kind }) => kind)).toEqual(["grant"]);
  const { usage } = record;
  if (usage === undefined || entry === undefined) throw new Error("there is nothing in the books");
  expect(usage.output).toBeGreaterThanOrEqual(pieces);
  expect([entry.promptTokens, entry.completionTokens]).toEqual([promptTokens(usage), usage.output]);
  expect(-entry.amount).toBe(BigInt(usage.input) * INPUT + BigInt(usage.output) * OUTPUT + BigInt(usage.characters ?? 0) * INPUT);
  expect(record.charge).toBe(-entry.amount);
  expect([await money.balance(), money.ledger.held("user:ann")]).toEqual([1_000_000_000n + entry.amount, 0n]);
}

/** Reads until so many pieces are here, and leaves. */
async function leaveAfter(reply: Response, pieces: number): Promise<void> {
  const reader = reply.body?.getReader();
  let text = "";
  while (!text.includes(`piece${pieces - 1}`)) {
    const next = await reader?.read();
    if (next === undefined || next.done) throw new Error(`the answer ended after ${JSON.stringify(text)}`);
    text += Buffer.from(next.value).toString();
  }
  await reader?.cancel();
}

describe.each(KINDS)("a client leaves an upstream of the kind %s", (kind) => {
  test.each(STREAMS)("in the middle of a stream: %s", async (_name, path, body) => {
    const pieces = 5;
    await start(kind, STALLED(pieces + 4));
    const leaving = new AbortController();
    const reply = await box.post(path, body, { signal: leaving.signal });
    await leaveAfter(reply, pieces);
    leaving.abort();
    const record = await box.record(0);
    expect([record.outcome, record.usage?.evidence]).toEqual(["client-left", "counted"]);
    await oneEntry(pieces);
    await until("the upstream to be closed", () => fake.seen[0]?.aborted !== undefined);
  });
});

describe("a client leaves before its whole answer came", () => {
  test.each(WHOLE)("%s", async (_name, path, body) => {
    await start(path.startsWith("/v1beta") ? "gemini" : path.startsWith("/api") ? "ollama" : "openai-compatible", { stall: "before-headers" });
    const leaving = new AbortController();
    const reply = box.post(path, body, { signal: leaving.signal }).catch((error: Error) => error.name);
    await fake.request(0);
    leaving.abort();
    expect(await reply).toBe("AbortError");
    expect(await box.record(0)).toMatchObject({ outcome: "client-left", usage: { output: 0, evidence: "estimated" } });
    await oneEntry(0);
    await until("the upstream to be closed", () => fake.seen[0]?.aborted !== undefined);
  });
});

describe("an upstream breaks off", () => {
  test("after content: what was delivered is paid", async () => {
    await start("openai-compatible", { answer: { text: PIECES }, cut: { afterFrames: 6 } });
    await (await box.post("/v1/chat/completions", { ...MESSAGES, stream: true })).text();
    expect((await box.record(0)).outcome).toBe("failed");
    await oneEntry(4);
  });

  test("before content: nothing is", async () => {
    await start("openai-compatible", { cut: "before-headers" });
    expect((await box.post("/v1/chat/completions", MESSAGES)).status).toBe(502);
    expect((await money.entries()).map(({ kind }) => kind)).toEqual(["grant"]);
    expect(money.ledger.held("user:ann")).toBe(0n);
  });
});

describe("by the operator's policy", () => {
  const leave = async (billing: Partial<BillingPolicy>, kind = "openai-compatible") => {
    await start(kind, STALLED(9), billing);
    await leaveAfter(await box.post("/v1/chat/completions", { ...MESSAGES, stream: true }), 5);
    await box.record(0);
    return (await money.entries()).map((entry) => entry.kind);
  };

  test("unfinished answers are free", async () => {
    expect(await leave({ unfinished: "free" })).toEqual(["grant"]);
  });

  test("unfinished answers are paid as far as the provider has reported", async () => {
    expect(await leave({ unfinished: "reported" })).toEqual(["grant"]);
  });

  test("unfinished answers are paid as they were delivered", async () => {
    expect(await leave({ unfinished: "delivered" })).toEqual(["capture", "grant"]);
  });
});
