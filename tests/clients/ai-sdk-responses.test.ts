import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOpenAI } from "@ai-sdk/openai";
import { APICallError, generateObject, generateText, stepCountIs, tool } from "ai";
import { z } from "zod";
import { KINDS, openResponsesHouse, type ResponsesHouse } from "../conformance/responses/house.ts";
import type { Answer } from "../fakes/upstream/answers/answer.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { openResponses } from "../harness/kept.ts";
import { listen } from "./ai-sdk-stream.ts";

/** The Vercel AI SDK's OpenAI provider as it is by default, which speaks Responses and checks every event against a schema. */
let house: ResponsesHouse;
let kept: Awaited<ReturnType<typeof openResponses>>;
beforeAll(async () => {
  kept = await openResponses();
  house = await openResponsesHouse({ responses: kept.memory });
});
afterAll(async () => {
  await house.stop();
  await kept.close();
});

const model = (name: string) => createOpenAI({ baseURL: `${house.box.url}/v1`, apiKey: "sb-test" })(name);
/** Without this the SDK sends references to items it takes to be kept at OpenAI. */
const providerOptions = { openai: { store: false } };
const play = (...answers: Answer[]) => {
  house.fake.forget();
  house.fake.play(answers.map((answer) => ({ answer })));
};
const SAID = "Grüße aus 東京, all is well";
const usage = { input: 11, output: 7 };

for (const kind of KINDS) {
  describe(kind, () => {
    test("generateText", async () => {
      play({ text: SAID, thinking: "Let me think.", usage });
      const answer = await generateText({ model: model(kind), system: "Be brief.", prompt: "hello", providerOptions });
      expect([answer.text, answer.reasoningText, answer.finishReason]).toEqual([SAID, "Let me think.", "stop"]);
      expect(answer.usage).toMatchObject({ inputTokens: 11, outputTokens: 7, totalTokens: 18 });
      expect(answer.warnings ?? []).toEqual([]);
    });

    test("streamText: thinking, then text, then how it ended", async () => {
      play({ text: SAID, thinking: "Let me think.", usage });
      const { result, errors, types, text, reasoning } = await listen({ model: model(kind), prompt: "hello", providerOptions });
      expect([text, reasoning, errors]).toEqual([SAID, "Let me think.", []]);
      const thinking = ["reasoning-start", "reasoning-delta", "reasoning-end"];
      expect(types).toEqual(["start", "start-step", ...thinking, "text-start", "text-delta", "text-end", "finish-step", "finish"]);
      expect(await result.finishReason).toBe("stop");
      expect(await result.usage).toMatchObject({ inputTokens: 11, outputTokens: 7 });
    });

    // Unless told otherwise the SDK has everything stored, and then refers to it by id.
    for (const [streamed, stored] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      test(`a loop of two steps with two calls at once, ${streamed ? "streamed" : "whole"}${stored ? ", by reference" : ""}`, async () => {
        const toolCalls = ["Paris", "Omsk"].map((city) => ({ name: "get_weather", arguments: { city } }));
        play({ thinking: "Look.", toolCalls, interleaved: streamed }, { text: "Warm and cold." });
        const asked: string[] = [];
        const execute = ({ city }: { city: string }) => {
          asked.push(city);
          return city === "Omsk" ? "minus nine" : "twenty-one";
        };
        const tools = { get_weather: tool({ description: "The weather now", inputSchema: z.object({ city: z.string() }), execute }) };
        const given = { model: model(kind), prompt: "How warm is it?", tools, stopWhen: stepCountIs(3), ...(stored ? {} : { providerOptions }) };
        const answer = streamed ? (await listen(given)).result : await generateText(given);
        expect((await answer.steps).map((step) => step.finishReason)).toEqual(["tool-calls", "stop"]);
        expect([await answer.text, asked.toSorted()]).toEqual(["Warm and cold.", ["Omsk", "Paris"]]);
        expect(house.fake.seen[1]?.text).toMatch(/Paris.*twenty-one.*minus nine/);
      });
    }

    test("generateObject with a schema", async () => {
      play({ text: '{"name":"tea","day":4}' });
      const schema = z.object({ name: z.string(), day: z.number() });
      const answer = await generateObject({ model: model(kind), schema, prompt: "Which event?", providerOptions });
      expect(answer.object).toEqual({ name: "tea", day: 4 });
      expect(house.fake.seen[0]?.text).toContain('"day":{"type":"number"}');
    });

    test("cut for length", async () => {
      play({ text: "one two", finish: "length" });
      const { result, errors } = await listen({ model: model(kind), prompt: "hello", providerOptions });
      expect([await result.finishReason, errors]).toEqual(["length", []]);
    });

    test("broken in the middle is an error part after what was said", async () => {
      house.fake.play({ answer: { text: "one two three four five six seven" }, cut: { afterFrames: 6 } });
      const { errors, types, text } = await listen({ model: model(kind), prompt: "hello", providerOptions });
      expect([types.includes("error"), errors.length > 0, text.startsWith("one"), text.includes("seven")]).toEqual([true, true, true, false]);
    });
  });
}

test("one turn with nothing set at all", async () => {
  play({ text: SAID });
  expect((await generateText({ model: model("gemini"), prompt: "hello" })).text).toBe(SAID);
});

test.each<[string, number, boolean]>([
  ["a bad request", 400, false],
  ["a limit", 429, true],
])("%s is an APICallError", async (_, status, retryable) => {
  house.fake.play(failing(status));
  const { errors } = await listen({ model: model("anthropic"), prompt: "hello" });
  expect(errors.map((error) => APICallError.isInstance(error) && [error.statusCode, error.isRetryable])).toEqual([[status, retryable]]);
});
