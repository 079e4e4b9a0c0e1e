import { afterAll, beforeAll, expect, test } from "bun:test";
import Anthropic, { APIError as AnthropicError } from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI, { RateLimitError } from "openai";
import { testTariff } from "../../src/vocabulary/price.fixture.ts";
import { type TestMoney, testMoney } from "../harness/money.ts";
import { type House, openHouse } from "./house.ts";

/** What the official clients make of a balance that does not cover a request: their own error with our words, and not one call more. */
let house: House;
let money: TestMoney;
beforeAll(async () => {
  money = testMoney();
  await money.grant("user:ann", 100_000n);
  const dear = { price: testTariff({ output: 2 }) };
  house = await openHouse({ policy: { attempts: 1 }, ledger: money.ledger, caller: { userId: "ann" }, more: { openai: dear, anthropic: dear, gemini: dear } });
});
afterAll(async () => {
  await house.stop();
  await money.close();
});

const WORDS = "The balance of user ann has 0.0001 USD left, and this request may cost up to 0.0002 USD. A smaller max_tokens would cost less.";
const hello = [{ role: "user" as const, content: "hello" }];
const heard = async (stream: AsyncIterable<unknown>) => {
  for await (const _ of stream);
};

const openai = () => new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test", maxRetries: 5 });
const anthropic = () => new Anthropic({ baseURL: house.box.url, apiKey: "sb-test", maxRetries: 5 });
// As it comes: with `retryOptions` it asks again after any 429, whatever the answer says of that.
const google = () => new GoogleGenAI({ apiKey: "sb-test", httpOptions: { baseUrl: house.box.url } });
const bounded = { model: "gemini", contents: "hello", config: { maxOutputTokens: 100 } };

type ErrorClass = new (...given: never[]) => Error;

const TABLE: readonly (readonly [name: string, ask: () => PromiseLike<unknown>, type: ErrorClass, facts: object])[] = [
  [
    "OpenAI's, for a whole answer",
    () => openai().chat.completions.create({ model: "openai", messages: hello, max_tokens: 100 }),
    RateLimitError,
    { status: 429, code: "insufficient_quota", type: "insufficient_quota" },
  ],
  [
    "OpenAI's, for a stream",
    () => openai().chat.completions.create({ model: "openai", messages: hello, max_tokens: 100, stream: true }).then(heard),
    RateLimitError,
    { status: 429, code: "insufficient_quota" },
  ],
  [
    "OpenAI's, for a response",
    () => openai().responses.create({ model: "openai", input: "hello", max_output_tokens: 100 }),
    RateLimitError,
    { status: 429, code: "insufficient_quota" },
  ],
  [
    "Anthropic's, for a whole answer",
    () => anthropic().messages.create({ model: "anthropic", messages: hello, max_tokens: 100 }),
    AnthropicError,
    { status: 402, type: "billing_error" },
  ],
  [
    "Anthropic's, for a stream",
    () => anthropic().messages.stream({ model: "anthropic", messages: hello, max_tokens: 100 }).finalMessage(),
    AnthropicError,
    { status: 402, type: "billing_error" },
  ],
  ["Google's, for a whole answer", () => google().models.generateContent(bounded), ApiError, { status: 429 }],
  ["Google's, for a stream", () => google().models.generateContentStream(bounded).then(heard), ApiError, { status: 429 }],
];

for (const [name, ask, type, facts] of TABLE) {
  test(name, async () => {
    house.play();
    const before = house.box.records.length;
    const error = await Promise.resolve(ask()).then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(type);
    expect(error).toMatchObject(facts);
    expect(error.message).toContain(WORDS);
    await house.box.record(before);
    expect([house.box.records.length - before, house.fake.seen.length, money.ledger.held("user:ann")]).toEqual([1, 0, 0n]);
  });
}
