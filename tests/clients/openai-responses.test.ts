import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI, { APIError, RateLimitError } from "openai";
import { zodResponsesFunction, zodTextFormat } from "openai/helpers/zod";
import type { ResponseInputItem, ResponseStreamEvent } from "openai/resources/responses/responses";
import { z } from "zod";
import { KINDS, openResponsesHouse, type ResponsesHouse } from "../conformance/responses/house.ts";
import type { Answer } from "../fakes/upstream/answers/answer.ts";
import { failing } from "../fakes/upstream/behaviours.ts";

/** OpenAI's own JavaScript client, unmodified, asking for Responses: whole, streamed, and by its stream helper, which throws on any event out of order. */
let house: ResponsesHouse;
let client: OpenAI;
beforeAll(async () => {
  house = await openResponsesHouse();
  client = new OpenAI({ baseURL: `${house.box.url}/v1`, apiKey: "sb-test", maxRetries: 0 });
});
afterAll(() => house.stop());

const play = (...answers: Answer[]) => {
  house.fake.forget();
  house.fake.play(answers.map((answer) => ({ answer })));
};
const SAID = "Grüße aus 東京, all is well";
const usage = { input: 11, output: 7, reasoning: 2 };
const Event = z.object({ name: z.string(), day: z.number() });
const Weather = z.object({ city: z.string() });
const toolCalls = [
  { name: "get_weather", arguments: { city: "Paris, the capital of France" } },
  { name: "get_weather", arguments: { city: "Omsk" } },
];

for (const kind of KINDS) {
  describe(kind, () => {
    test("whole", async () => {
      play({ text: SAID, thinking: "Let me think.", usage });
      const { data, request_id } = await client.responses.create({ model: kind, instructions: "Be brief.", input: "hello" }).withResponse();
      expect([data.object, data.status, data.output_text, data.error]).toEqual(["response", "completed", SAID, null]);
      expect(data.output.map((item) => item.type)).toEqual(["reasoning", "message"]);
      expect(data.usage).toMatchObject({ input_tokens: 11, output_tokens: 7, total_tokens: 18 });
      expect(data.id).toBe(`resp_${request_id?.slice("req_".length)}`);
    });

    test("streamed, event by event", async () => {
      play({ text: SAID, usage });
      const stream = await client.responses.create({ model: kind, input: "hello", stream: true });
      const events: ResponseStreamEvent[] = [];
      for await (const event of stream) events.push(event);
      expect(events.map((event) => event.sequence_number)).toEqual(events.map((_event, index) => index));
      expect(events.map((event) => (event.type === "response.output_text.delta" ? event.delta : "")).join("")).toBe(SAID);
      expect(events.at(-1)?.type).toBe("response.completed");
    });

    for (const interleaved of [false, true]) {
      test(`the stream helper: thinking, text and two calls at once${interleaved ? ", their arguments in turns" : ""}`, async () => {
        play({ thinking: "Let me think.", text: "I will look.", toolCalls, interleaved, usage });
        const tools = [zodResponsesFunction({ name: "get_weather", parameters: Weather })];
        const stream = client.responses.stream({ model: kind, input: "How warm is it?", tools });
        let text = "";
        stream.on("response.output_text.delta", (event) => (text += event.delta));
        const response = await stream.finalResponse();
        expect([text, response.output_text]).toEqual(["I will look.", "I will look."]);
        expect(response.output.map((item) => item.type)).toEqual(["reasoning", "message", "function_call", "function_call"]);
        const calls = response.output.flatMap((item) => (item.type === "function_call" ? [item.parsed_arguments] : []));
        expect(calls).toEqual([{ city: "Paris, the capital of France" }, { city: "Omsk" }]);
      });
    }

    for (const streamed of [false, true]) {
      test(`a loop over its own items, ${streamed ? "streamed" : "whole"}`, async () => {
        play({ thinking: "Look.", toolCalls, interleaved: streamed }, { text: "Warm and cold." });
        const tools = [zodResponsesFunction({ name: "get_weather", parameters: Weather })];
        const input: ResponseInputItem[] = [{ role: "user", content: "How warm is it?" }];
        const ask = () =>
          streamed ? client.responses.stream({ model: kind, input, tools }).finalResponse() : client.responses.parse({ model: kind, input, tools });
        const first = await ask();
        for (const item of first.output) {
          input.push(item as ResponseInputItem);
          if (item.type === "function_call") {
            const { city } = item.parsed_arguments as z.infer<typeof Weather>;
            input.push({ type: "function_call_output", call_id: item.call_id, output: city === "Omsk" ? "minus nine" : "twenty-one" });
          }
        }
        expect((await ask()).output_text).toBe("Warm and cold.");
        expect(house.fake.seen[1]?.text).toMatch(/twenty-one.*minus nine/);
      });
    }

    test("an answer of a given shape, parsed", async () => {
      const asked = { model: kind, input: "Which event?", text: { format: zodTextFormat(Event, "event") } };
      play({ text: '{"name":"tea","day":4}' }, { text: '{"name":"tea","day":4}' });
      expect((await client.responses.parse(asked)).output_parsed).toEqual({ name: "tea", day: 4 });
      expect((await client.responses.stream(asked).finalResponse()).output_parsed).toEqual({ name: "tea", day: 4 });
      expect(house.fake.seen[0]?.text).toContain('"day":{"type":"number"}');
    });

    test("cut for length: incomplete, whole and streamed", async () => {
      play({ text: "one two", finish: "length" }, { text: "one two", finish: "length" });
      const asked = { model: kind, input: "hello" };
      for (const response of [await client.responses.create(asked), await client.responses.stream(asked).finalResponse()])
        expect([response.status, response.incomplete_details?.reason, response.output_text]).toEqual(["incomplete", "max_output_tokens", "one two"]);
    });

    test("broken in the middle: the response the helper gives has failed, and says why", async () => {
      house.fake.play({ answer: { text: "one two three four five six" }, cut: { afterFrames: 6 } });
      const response = await client.responses.stream({ model: kind, input: "hello" }).finalResponse();
      expect([response.status, response.error?.message.length !== 0, response.output_text.startsWith("one")]).toEqual(["failed", true, true]);
    });
  });
}

test("tools without functions' shape: custom ones, and those in a namespace", async () => {
  const tools: OpenAI.Responses.Tool[] = [
    { type: "custom", name: "patch", format: { type: "grammar", syntax: "lark", definition: "start: x" } },
    { type: "namespace", name: "fs", description: "Files.", tools: [{ type: "function", name: "read", parameters: { type: "object" } }] },
  ];
  play({
    toolCalls: [
      { name: "patch", arguments: { input: "*** Begin" } },
      { name: "fs__read", arguments: { path: "a" } },
    ],
  });
  const { output } = await client.responses.stream({ model: "anthropic", input: "Edit.", tools }).finalResponse();
  expect(output).toMatchObject([
    { type: "custom_tool_call", name: "patch", input: "*** Begin" },
    { type: "function_call", name: "read", namespace: "fs", arguments: '{"path":"a"}' },
  ]);
});

describe("failures", () => {
  const errorOf = async (promise: PromiseLike<unknown>) => {
    try {
      await promise;
    } catch (error) {
      if (error instanceof APIError) return error;
    }
    throw new Error("no APIError");
  };

  test("by class and code, whole and streamed", async () => {
    for (const stream of [false, true]) {
      const missing = await errorOf(client.responses.create({ model: "nobody", input: "hi", stream }));
      expect([missing.status, missing.code, missing.param]).toEqual([404, "model_not_found", "model"]);
      const continued = await errorOf(client.responses.create({ model: "ollama", input: "hi", previous_response_id: "resp_1", stream }));
      expect([continued.status, continued.code, continued.param]).toEqual([400, "previous_response_not_found", "previous_response_id"]);
      house.fake.play(failing(429));
      expect(await errorOf(client.responses.create({ model: "gemini", input: "hi", stream }))).toBeInstanceOf(RateLimitError);
    }
  });

  test("an error event inside a stream is raised, with its words", async () => {
    const slow = await openResponsesHouse({ policy: { attempts: 1, holdStatus: 1, firstToken: 200 } });
    slow.fake.play({ stall: "before-body" });
    const patient = new OpenAI({ baseURL: `${slow.box.url}/v1`, apiKey: "sb-test", maxRetries: 0 });
    for (const ask of [
      async () => {
        for await (const _event of await patient.responses.create({ model: "anthropic", input: "hi", stream: true }));
      },
      () => patient.responses.stream({ model: "anthropic", input: "hi" }).finalResponse(),
    ]) {
      const error = await errorOf(ask());
      expect([error.code, error.message.length > 10]).toEqual(["upstream_timeout", true]);
    }
    await slow.stop();
  });
});
