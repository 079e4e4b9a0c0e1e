import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic, {
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  RateLimitError,
} from "@anthropic-ai/sdk";
import type { Answer } from "../fakes/upstream/answers/answer.ts";
import { type Behaviour, failing } from "../fakes/upstream/behaviours.ts";
import { type House, KINDS, openHouse } from "./house.ts";

/** Anthropic's client, unmodified, before every kind of upstream: its stream helper insists on the order of events, its errors on their shape. */
let house: House;
let client: Anthropic;
beforeAll(async () => {
  house = await openHouse({ policy: { attempts: 1 } });
  client = new Anthropic({ baseURL: house.box.url, apiKey: "sb-test", maxRetries: 2 });
});
afterAll(() => house.stop());

const messages: Anthropic.MessageParam[] = [{ role: "user", content: "How warm is it in Paris and in Omsk?" }];
const weather: Anthropic.Tool = {
  name: "get_weather",
  description: "The weather now",
  input_schema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
};
const SAID = "Grüße aus 東京, all is well";
const ASKS: Answer = {
  text: "Let me see.",
  toolCalls: [
    { name: "get_weather", arguments: { city: "Paris, the capital of France" } },
    { name: "get_weather", arguments: { city: "Omsk" } },
  ],
};
const textOf = (message: Anthropic.Message) => message.content.map((block) => (block.type === "text" ? block.text : "")).join("");
const callsOf = (message: Anthropic.Message) => message.content.filter((block) => block.type === "tool_use");

for (const kind of KINDS) {
  describe(kind, () => {
    test("a whole answer", async () => {
      house.play({ answer: { text: SAID, usage: { input: 11, output: 7 } } });
      const { data: message, request_id } = await client.messages.create({ model: kind, max_tokens: 100, messages }).withResponse();
      expect([message.role, textOf(message), message.stop_reason, message.usage.input_tokens, message.usage.output_tokens]).toEqual([
        "assistant",
        SAID,
        "end_turn",
        11,
        7,
      ]);
      expect(request_id).toMatch(/^req_/);
    });

    test("the stream helper puts the same together", async () => {
      house.play({ answer: { text: SAID, usage: { input: 11, output: 7 } } });
      const pieces: string[] = [];
      const stream = client.messages.stream({ model: kind, max_tokens: 100, messages }).on("text", (piece) => pieces.push(piece));
      const message = await stream.finalMessage();
      expect([pieces.join(""), textOf(message), message.stop_reason]).toEqual([SAID, SAID, "end_turn"]);
      expect([message.usage.input_tokens, message.usage.output_tokens]).toEqual([11, 7]);
      expect(pieces.length).toBeGreaterThan(1);
    });

    test("thinking", async () => {
      house.play({ answer: { thinking: "Hm, let me think.", signature: "c2ln", text: "So." } });
      const thoughts: string[] = [];
      const stream = client.messages
        .stream({ model: kind, max_tokens: 3000, messages, thinking: { type: "enabled", budget_tokens: 2000 } })
        .on("thinking", (piece) => thoughts.push(piece));
      const message = await stream.finalMessage();
      expect(thoughts.join("")).toBe("Hm, let me think.");
      expect(message.content.map((block) => block.type)).toEqual(["thinking", "text"]);
    });

    for (const interleaved of kind === "anthropic" ? [false] : [false, true]) {
      test(`two calls at once, streamed${interleaved ? ", their arguments in turns" : ""}, and back with their results`, async () => {
        house.play([{ answer: { ...ASKS, interleaved } }, { answer: { text: "21 in Paris, -9 in Omsk." } }]);
        const first = await client.messages.stream({ model: kind, max_tokens: 100, messages, tools: [weather] }).finalMessage();
        expect([first.stop_reason, callsOf(first).map(({ input }) => input)]).toEqual(["tool_use", (ASKS.toolCalls ?? []).map((call) => call.arguments)]);
        const results = callsOf(first).map(
          ({ id, input }) => ({ type: "tool_result", tool_use_id: id, content: `warm in ${(input as { city: string }).city}` }) as const,
        );
        const second = await client.messages.create({
          model: kind,
          max_tokens: 100,
          tools: [weather],
          messages: [...messages, { role: "assistant", content: first.content }, { role: "user", content: results }],
        });
        expect(textOf(second)).toBe("21 in Paris, -9 in Omsk.");
        expect(house.fake.seen[1]?.text).toMatch(/warm in Paris.*warm in Omsk/s);
      });
    }

    test("whole calls", async () => {
      house.play({ answer: ASKS });
      const message = await client.messages.create({ model: kind, max_tokens: 100, messages, tools: [weather], tool_choice: { type: "auto" } });
      expect(callsOf(message).map(({ name, input }) => [name, input])).toEqual((ASKS.toolCalls ?? []).map((call) => [call.name, call.arguments]));
    });

    test("a count", async () => {
      house.play();
      const { input_tokens } = await client.messages.countTokens({ model: kind, messages, tools: [weather] });
      expect(input_tokens).toBeGreaterThan(10);
    });
  });
}

/** The error a call ends with. */
async function errorOf(promise: PromiseLike<unknown>): Promise<APIError> {
  const error = await Promise.resolve(promise).catch((thrown) => thrown);
  if (error instanceof APIError) return error;
  throw new Error(`This should have ended with an APIError: ${JSON.stringify(error)}`);
}

type ErrorClass = new (...given: never[]) => APIError;
const TABLE: readonly [string, Behaviour, ErrorClass, status: number, type: string, again: boolean][] = [
  ["a bad request", failing(400), BadRequestError, 400, "invalid_request_error", false],
  ["a provider that refuses our key", failing(401), InternalServerError, 502, "api_error", true],
  ["a model the provider does not have", failing(404), NotFoundError, 404, "not_found_error", true],
  ["a provider that limits us, for longer than a client should wait", failing(429, 120), RateLimitError, 429, "rate_limit_error", false],
  ["a broken provider", failing(500), InternalServerError, 502, "api_error", true],
  ["a busy provider", failing(503), InternalServerError, 529, "overloaded_error", true],
];

for (const kind of KINDS) {
  describe(`failures of ${kind}`, () => {
    test.each(TABLE)("%s", async (_name, behaviour, type, status, word, again) => {
      for (const stream of [false, true]) {
        house.play(behaviour);
        const error = await errorOf(client.messages.create({ model: kind, max_tokens: 9, messages, stream }, again ? { maxRetries: 0 } : {}));
        expect(error).toBeInstanceOf(type);
        expect([error.status, error.type, error.headers?.get("x-should-retry") ?? null]).toEqual([status, word as never, again ? null : "false"]);
        expect(error.message).not.toContain("upstream-key");
        expect(house.fake.seen.length).toBe(1);
      }
    });

    test("in the middle of a stream", async () => {
      house.play({ answer: { text: "one two three four five six seven eight nine ten" }, errorFrame: { afterFrames: 6 } });
      const heard: string[] = [];
      const stream = client.messages.stream({ model: kind, max_tokens: 9, messages }).on("text", (piece) => heard.push(piece));
      const error = await errorOf(stream.finalMessage());
      expect(heard.join("")).toStartWith("one");
      expect(["overloaded_error", "api_error", "rate_limit_error"]).toContain(error.type ?? "");
    });
  });
}

describe("the gateway's own refusals are final", () => {
  const wrong = () => new Anthropic({ baseURL: house.box.url, apiKey: null, authToken: "wrong" });
  const table: [string, () => PromiseLike<unknown>, ErrorClass, status: number, type: string][] = [
    ["a wrong key", () => wrong().messages.create({ model: "openai", max_tokens: 9, messages }), AuthenticationError, 401, "authentication_error"],
    ["no such model", () => client.messages.create({ model: "nobody", max_tokens: 9, messages }), NotFoundError, 404, "not_found_error"],
    [
      "no such model, streamed",
      () => client.messages.stream({ model: "nobody", max_tokens: 9, messages }).finalMessage(),
      NotFoundError,
      404,
      "not_found_error",
    ],
    ["no such model to count for", () => client.messages.countTokens({ model: "nobody", messages }), NotFoundError, 404, "not_found_error"],
    ["nothing to answer", () => client.messages.create({ model: "openai", max_tokens: 9, messages: [] }), BadRequestError, 400, "invalid_request_error"],
  ];
  test.each(table)("%s", async (_name, ask, type, status, word) => {
    house.play();
    const before = house.box.records.length;
    const error = await errorOf(ask());
    expect(error).toBeInstanceOf(type);
    expect([error.status, error.type, error.requestID?.slice(0, 4)]).toEqual([status, word as never, "req_"]);
    await house.box.record(before);
    expect(house.box.records.length - before).toBe(1);
  });
});

test("a failure that passes is asked again, once", async () => {
  house.play([failing(529, 0), { answer: { text: "now" } }]);
  expect(textOf(await client.messages.create({ model: "openai", max_tokens: 9, messages }))).toBe("now");
  expect(house.fake.seen.length).toBe(2);
});

test("a stream that is left is over for the upstream too", async () => {
  house.play({ answer: { text: "one two three four five six" }, stall: { afterFrames: 4 } });
  const stream = client.messages.stream({ model: "openai", max_tokens: 9, messages });
  const left = Promise.resolve(stream.finalMessage()).catch((thrown) => thrown);
  stream.on("text", () => stream.abort());
  expect(await left).toBeInstanceOf(APIUserAbortError);
  expect(await (await house.fake.request(0)).settled).toBe("client-left");
});

test("the list of models, in a body both families of clients read", async () => {
  const ids: string[] = [];
  for await (const model of client.models.list({ limit: 1000 })) ids.push(model.id);
  expect(ids).toEqual(expect.arrayContaining([...KINDS]));
});
