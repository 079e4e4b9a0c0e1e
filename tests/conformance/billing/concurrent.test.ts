import { afterEach, describe, expect, test } from "bun:test";
import type { LedgerSettings } from "../../../src/ledger/ledger.ts";
import type { Nano } from "../../../src/vocabulary/money.ts";
import { testRates, testTariff } from "../../../src/vocabulary/price.fixture.ts";
import type { Tariff } from "../../../src/vocabulary/price.ts";
import type { Script } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { type TestMoney, testMoney } from "../../harness/money.ts";

let money: TestMoney;
let fake: FakeUpstream;
let box: TestBox;
afterEach(async () => {
  await box.stop();
  await fake.stop();
  await money.close();
});

async function start(script: Script, price: Tariff, balance: Nano, settings: Partial<LedgerSettings> = {}): Promise<void> {
  money = testMoney(settings);
  fake = await startFakeUpstream(script);
  await money.grant("user:ann", balance);
  box = startBox({
    models: { m: [{ kind: "openai-compatible", url: `${fake.url}/v1` }] },
    more: { m: { price } },
    ledger: money.ledger,
    caller: { userId: "ann" },
  });
}

const MOST = 100;
const ask = (body: object = {}, init?: RequestInit) =>
  box.post("/v1/chat/completions", { model: "m", messages: [{ role: "user", content: "hello" }], max_tokens: MOST, ...body }, init);

/** The prompt costs nothing, so that exactly `MOST` tokens of answer are the bound. */
const PER_ANSWER = 200_000n;
const TARIFFS: readonly (readonly [name: string, tariff: Tariff])[] = [
  ["a flat price", testTariff({ output: 2 })],
  ["a tiered price", testTariff({}, { prices: [{ version: "t", ...testRates({ output: 1 }), tiers: [{ over: 5, rates: testRates({ output: 2 }) }] }] })],
];

describe.each(TARIFFS)("two hundred at once, each using exactly its bound, by %s", (_name, tariff) => {
  test.each([false, true])("a balance worth three serves three (streamed: %p)", async (stream) => {
    await start({ answer: { text: "a b", usage: { input: 10, output: MOST } }, delay: 5 }, tariff, PER_ANSWER * 3n);
    const answers = await Promise.all(
      Array.from({ length: 200 }, () => ask({ stream }).then(async (reply) => ({ status: reply.status, text: await reply.text() }))),
    );
    const served = answers.filter(({ status }) => status === 200);
    expect(served.length).toBe(3);
    expect(answers.filter(({ status, text }) => status === 429 && text.includes("insufficient_quota")).length).toBe(197);
    expect(fake.seen.length).toBe(3);
    expect([await money.balance(), money.ledger.held("user:ann")]).toEqual([0n, 0n]);
    expect((await money.entries()).filter(({ kind }) => kind !== "grant").map(({ kind, amount }) => [kind, amount])).toEqual(
      Array.from({ length: 3 }, () => ["capture", -PER_ANSWER]),
    );
  });
});

describe("agents, who ask for far more than they use", () => {
  test("on a tight budget, half of them cancelled, nobody is turned away, and nothing stays held", async () => {
    // Each holds 64,000 tokens and uses 50: the balance covers two holds at once.
    const hold = 128_000_000n;
    await start({ answer: { text: "ok then", usage: { input: 10, output: 50 } }, delay: 2 }, testTariff({ output: 2 }), hold * 2n + 20_000_000n);
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const leaving = new AbortController();
        const reply = ask({ max_tokens: 64_000, stream: index % 3 === 0 }, { signal: leaving.signal });
        if (index % 2 === 1) setTimeout(() => leaving.abort(), (index * 37) % 150);
        try {
          const answer = await reply;
          await answer.text();
          return String(answer.status);
        } catch {
          return "cancelled";
        }
      }),
    );
    const wanted = outcomes.filter((outcome) => outcome !== "cancelled");
    expect(wanted.filter((outcome) => outcome !== "200")).toEqual([]);
    expect(wanted.length).toBeGreaterThanOrEqual(50);
    expect(money.ledger.held("user:ann")).toBe(0n);
    const entries = await money.entries();
    expect(entries.reduce((sum, { amount }) => sum + amount, 0n)).toBe(await money.balance());
  });
});

describe("a refusal, in its caller's words", () => {
  test("names what is left and what was asked; a smaller request is served", async () => {
    await start({ answer: { text: "a", usage: { input: 1, output: 1 } } }, testTariff({ output: 2 }), 100_000n);
    const reply = await ask();
    expect([reply.status, reply.headers.get("x-should-retry"), await reply.json()]).toEqual([
      429,
      "false",
      {
        error: {
          message: "The balance of user ann has 0.0001 USD left, and this request may cost up to 0.0002 USD. A smaller max_tokens would cost less.",
          type: "insufficient_quota",
          param: null,
          code: "insufficient_quota",
        },
      },
    ]);
    expect(fake.seen.length).toBe(0);
    expect((await ask({ max_tokens: 50 })).status).toBe(200);
  });

  test("Anthropic's clients are told 402", async () => {
    await start({}, testTariff({ output: 2 }), 1n);
    const reply = await box.post("/v1/messages", { model: "m", messages: [{ role: "user", content: "hello" }], max_tokens: MOST });
    expect([reply.status, reply.headers.get("x-should-retry")]).toEqual([402, "false"]);
    expect(await reply.json()).toMatchObject({ type: "error", error: { type: "billing_error" } });
  });

  test("a fallback that is dearer is held for as well", async () => {
    await start({ answer: { text: "a", usage: { input: 1, output: MOST } } }, testTariff({ output: 2 }), PER_ANSWER);
    await box.stop();
    const cheap = { kind: "openai-compatible", url: `${fake.url}/v1`, more: { price: testTariff({ output: 1 }) } };
    const dear = { ...cheap, more: { price: testTariff({ output: 3 }) } };
    box = startBox({ models: { m: [cheap], n: [{ ...dear, model: "n" }] }, fallbacks: { m: ["n"] }, ledger: money.ledger, caller: { userId: "ann" } });
    expect((await ask()).status).toBe(429);
    await money.grant("user:ann", PER_ANSWER / 2n);
    expect((await ask()).status).toBe(200);
    // Whoever served is paid.
    expect(await money.balance()).toBe(PER_ANSWER);
  });
});
