import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createAnthropic } from "@ai-sdk/anthropic";
import { APICallError, generateObject, generateText, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type House, KINDS, openHouse } from "./house.ts";

/** The Vercel AI SDK's Anthropic provider, unmodified: it validates every event it gets. */
let house: House;
beforeAll(async () => {
  house = await openHouse({ policy: { attempts: 1 } });
});
afterAll(() => house.stop());

const ONCE = { maxRetries: 0, maxOutputTokens: 1000 } as const;
const model = (name: string) => createAnthropic({ baseURL: house.baseURL, apiKey: "sb-test" })(name);
const weather = () => tool({ description: "The weather now", inputSchema: z.object({ city: z.string() }), execute: ({ city }) => `warm in ${city}` });

for (const kind of KINDS) {
  describe(kind, () => {
    test("text, streamed", async () => {
      house.play({ answer: { text: "Grüße aus 東京", usage: { input: 11, output: 7 } } });
      const result = streamText({ model: model(kind), prompt: "hello", ...ONCE });
      const usage = await result.usage;
      expect([await result.text, await result.finishReason, usage.inputTokens, usage.outputTokens]).toEqual(["Grüße aus 東京", "stop", 11, 7]);
    });

    test("its own round of tools, streamed", async () => {
      house.play([
        { answer: { toolCalls: ["Paris", "Omsk"].map((city) => ({ name: "weather", arguments: { city } })) } },
        { answer: { text: "Warm everywhere." } },
      ]);
      const result = streamText({ model: model(kind), prompt: "Paris? Omsk?", tools: { weather: weather() }, stopWhen: stepCountIs(3), ...ONCE });
      expect(await result.text).toBe("Warm everywhere.");
      expect(house.fake.seen[1]?.text).toMatch(/warm in Paris.*warm in Omsk/s);
    });

    test("the same, whole", async () => {
      house.play([{ answer: { toolCalls: [{ name: "weather", arguments: { city: "Paris" } }] } }, { answer: { text: "Warm." } }]);
      const result = await generateText({ model: model(kind), prompt: "Paris?", tools: { weather: weather() }, stopWhen: stepCountIs(3), ...ONCE });
      expect([result.text, result.steps.length]).toEqual(["Warm.", 2]);
    });

    test("a failure is one of theirs", async () => {
      house.play(failing(429, 1));
      const error = await generateText({ model: model(kind), prompt: "hello", ...ONCE }).catch((thrown: unknown) => thrown);
      expect(APICallError.isInstance(error) && [error.statusCode, error.isRetryable]).toEqual([429, true]);
    });
  });
}

test("an object by a schema", async () => {
  const schema = z.object({ name: z.string(), day: z.number() });
  // A model whose name the provider does not know is asked by a tool that must be called, so the schema crosses as one.
  house.play({ answer: { toolCalls: [{ name: "json", arguments: { name: "fair", day: 5 } }] } });
  const { object } = await generateObject({ model: model("openai"), schema, prompt: "an event", ...ONCE });
  expect(object).toEqual({ name: "fair", day: 5 });
});
