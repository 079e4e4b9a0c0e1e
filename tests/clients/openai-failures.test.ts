import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI, { APIError, APIUserAbortError, AuthenticationError, BadRequestError, InternalServerError, NotFoundError, RateLimitError } from "openai";
import { type Behaviour, failing } from "../fakes/upstream/behaviours.ts";
import { type House, KINDS, openHouse } from "./house.ts";

/** How OpenAI's client sees failures: the class of its error, the code, the request id, and how often it asks again. */
let house: House;
let client: OpenAI;
beforeAll(async () => {
  house = await openHouse({ policy: { attempts: 1 } });
  client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test", maxRetries: 2 });
});
afterAll(() => house.stop());

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "hello" }];
const LONG = "one two three four five six seven eight nine ten";

/** The error a call ends with. */
async function errorOf(promise: PromiseLike<unknown>): Promise<APIError> {
  const error = await Promise.resolve(promise).catch((thrown) => thrown);
  if (error instanceof APIError) return error;
  throw new Error(`This should have ended with an APIError: ${JSON.stringify(error)}`);
}

type ErrorClass = new (...given: never[]) => APIError;

interface Row {
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly class: ErrorClass;
  readonly status: number;
  /** Absent: the upstream's own, on the same dialect. */
  readonly code?: string;
  /** May the client ask again? */
  readonly again: boolean;
}
const TABLE: readonly Row[] = [
  { name: "a bad request", behaviour: failing(400), class: BadRequestError, status: 400, again: false },
  { name: "a provider that refuses our key", behaviour: failing(401), class: InternalServerError, status: 502, code: "upstream_error", again: true },
  {
    name: "a provider that limits us, for longer than a client should wait",
    behaviour: failing(429, 120),
    class: RateLimitError,
    status: 429,
    code: "rate_limit_exceeded",
    again: false,
  },
  { name: "a broken provider", behaviour: failing(500), class: InternalServerError, status: 502, code: "upstream_error", again: true },
];

for (const kind of KINDS) {
  for (const stream of [false, true]) {
    describe(`${kind}, ${stream ? "streamed" : "whole"}`, () => {
      for (const row of TABLE) {
        test(row.name, async () => {
          house.play(row.behaviour);
          const before = house.box.records.length;
          // Where it may, it is believed, and not waited for each time; one retry that really happens is tested below.
          const error = await errorOf(client.chat.completions.create({ model: kind, messages, stream }, row.again ? { maxRetries: 0 } : {}));
          expect(error).toBeInstanceOf(row.class);
          expect([error.status, error.requestID?.slice(0, 4)]).toEqual([row.status, "req_"]);
          if (row.code !== undefined) expect(error.code).toBe(row.code);
          expect(error.message).not.toContain("upstream-key");
          expect(error.headers?.get("x-should-retry")).toBe(row.again ? null : "false");
          await house.box.record(before);
          expect([house.box.records.length - before, house.fake.seen.length]).toEqual([1, 1]);
        });
      }
    });
  }
}

describe("the gateway's own refusals are final", () => {
  const wrong = () => new OpenAI({ baseURL: house.baseURL, apiKey: "wrong" });
  const table: [name: string, ask: () => PromiseLike<unknown>, type: ErrorClass, status: number, code: string, param: string | null][] = [
    ["a wrong key", () => wrong().chat.completions.create({ model: "openai", messages }), AuthenticationError, 401, "invalid_api_key", null],
    ["no such model", () => client.chat.completions.create({ model: "nobody", messages }), NotFoundError, 404, "model_not_found", "model"],
    [
      "no such model, streamed",
      () => client.chat.completions.create({ model: "nobody", messages, stream: true }),
      NotFoundError,
      404,
      "model_not_found",
      "model",
    ],
    ["no such model to embed with", () => client.embeddings.create({ model: "nobody", input: "a" }), NotFoundError, 404, "model_not_found", "model"],
    ["no such model to describe", () => client.models.retrieve("nobody"), NotFoundError, 404, "model_not_found", "model"],
    ["no such route", () => client.beta.threads.create({}), NotFoundError, 404, "not_found", null],
    [
      "a message of an unknown kind",
      () => client.chat.completions.create({ model: "anthropic", messages: [{ role: "user", content: [{ type: "smell" } as never] }] }),
      BadRequestError,
      400,
      "invalid_request_error",
      "messages[0].content[0].type",
    ],
  ];
  for (const [name, ask, type, status, code, param] of table) {
    test(name, async () => {
      house.play();
      const before = house.box.records.length;
      const error = await errorOf(ask());
      expect(error).toBeInstanceOf(type);
      expect([error.status, error.code, error.param ?? null, error.requestID?.slice(0, 4)]).toEqual([status, code, param, "req_"]);
      expect(error.headers?.get("x-should-retry")).toBe("false");
      expect([house.box.records.length - before, house.fake.seen.length]).toEqual([1, 0]);
    });
  }
});

describe("the client asks again", () => {
  /** Milliseconds between the two calls at least; left to itself the client waits for half a second at most. */
  const table: [name: string, first: Behaviour, waits: number][] = [
    ["after a moment, when the provider broke", failing(500), 0],
    ["after the second it is told to wait", failing(429, 1), 900],
    ["after the second the provider gave in milliseconds", { reply: { status: 429, headers: { "retry-after-ms": "1000" } } }, 900],
  ];
  for (const [name, first, waits] of table) {
    test(name, async () => {
      house.play([first, { answer: { text: "at last" } }]);
      const answer = await client.chat.completions.create({ model: "anthropic", messages });
      expect(answer.choices[0]?.message.content).toBe("at last");
      const [before, after] = house.fake.seen;
      expect((after?.at ?? 0) - (before?.at ?? 0)).toBeGreaterThan(waits);
    });
  }
});

for (const kind of KINDS) {
  describe(`${kind}: a stream that does not come to its end`, () => {
    for (const [how, leave] of [
      ["aborted", (stream: { controller: AbortController }) => stream.controller.abort()],
      ["left by break", () => "break"],
    ] as const) {
      test(`${how} by its reader, is aborted upstream`, async () => {
        house.play({ answer: { text: LONG }, stall: { afterFrames: 5 } });
        const before = house.box.records.length;
        const stream = await client.chat.completions.create({ model: kind, messages, stream: true });
        let heard = "";
        for await (const chunk of stream) {
          heard += chunk.choices[0]?.delta.content ?? "";
          if (heard !== "" && leave(stream) === "break") break;
        }
        expect(LONG.startsWith(heard)).toBe(true);
        expect(await (await house.fake.request(0)).settled).toBe("client-left");
        expect((await house.box.record(before)).outcome).toBe("client-left");
      });
    }

    test("a whole answer nobody waits for any more is aborted upstream", async () => {
      house.play({ stall: "before-headers" });
      const waiting = new AbortController();
      const asked = client.chat.completions.create({ model: kind, messages }, { signal: waiting.signal });
      const ended = asked.catch((error) => error);
      const seen = await house.fake.request(0);
      waiting.abort();
      expect(await ended).toBeInstanceOf(APIUserAbortError);
      expect(await seen.settled).toBe("client-left");
    });

    const BREAKS: Record<string, Behaviour> = {
      "an error in the middle": { errorFrame: { afterFrames: 5 } },
      "a cut in the middle": { cut: { afterFrames: 5 } },
      "an end too early": { endAfterFrames: 5 },
    };
    for (const [name, behaviour] of Object.entries(BREAKS)) {
      test(`${name} raises APIError, after what was said`, async () => {
        house.play({ answer: { text: LONG }, ...behaviour });
        const stream = await client.chat.completions.create({ model: kind, messages, stream: true });
        let heard = "";
        const read = async () => {
          for await (const chunk of stream) heard += chunk.choices[0]?.delta.content ?? "";
        };
        const error = await errorOf(read());
        expect(error.code).toBeString();
        expect(error.message.length).toBeGreaterThan(10);
        expect([heard === "", LONG.startsWith(heard), heard === LONG]).toEqual([false, true, false]);
        expect(house.fake.seen).toHaveLength(1);
      });

      test(`${name} ends the stream helper with an error`, async () => {
        house.play({ answer: { text: LONG }, ...behaviour });
        expect(await errorOf(client.chat.completions.stream({ model: kind, messages }).finalChatCompletion())).toBeInstanceOf(APIError);
      });
    }
  });
}
