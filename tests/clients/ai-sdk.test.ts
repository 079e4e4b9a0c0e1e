import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embedMany,
  generateObject,
  generateText,
  type LanguageModel,
  NoObjectGeneratedError,
  RetryError,
  stepCountIs,
  streamText,
  tool,
} from "ai";
import { z } from "zod";
import { vectorOf } from "../fakes/upstream/answers/embeddings.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { listen } from "./ai-sdk-stream.ts";
import { type House, KINDS, openHouse } from "./house.ts";

/** The Vercel AI SDK, unmodified, by both of its providers that speak chat completions. */
let house: House;
beforeAll(async () => {
  house = await openHouse({ policy: { attempts: 1 } });
});
afterAll(() => house.stop());

const openai = () => createOpenAI({ baseURL: house.baseURL, apiKey: "sb-test" });
const compatible = () =>
  createOpenAICompatible({ name: "signalbox", baseURL: house.baseURL, apiKey: "sb-test", includeUsage: true, supportsStructuredOutputs: true });
const CLIENTS: Readonly<Record<string, { readonly shows: "reasoning" | "text only"; readonly model: (name: string) => LanguageModel }>> = {
  "@ai-sdk/openai": { shows: "text only", model: (name) => openai().chat(name) },
  "@ai-sdk/openai-compatible": { shows: "reasoning", model: (name) => compatible()(name) },
};

const SAID = "Grüße aus 東京, all is well";
const LONG = "one two three four five six seven eight nine ten";
const usage = { input: 11, output: 7 };
const Event = z.object({ name: z.string(), day: z.number() });
const errorOf = (promise: PromiseLike<unknown>) =>
  Promise.resolve(promise).then(
    () => undefined,
    (error: unknown) => error,
  );

for (const [name, { model, shows }] of Object.entries(CLIENTS)) {
  for (const kind of KINDS) {
    describe(`${name}, ${kind}`, () => {
      test("generateText", async () => {
        house.play({ answer: { text: SAID, thinking: "Let me think.", usage } });
        const answer = await generateText({ model: model(kind), system: "Be brief.", prompt: "hello" });
        expect([answer.text, answer.finishReason]).toEqual([SAID, "stop"]);
        expect(answer.usage).toMatchObject({ inputTokens: 11, outputTokens: 7, totalTokens: 18 });
        expect(answer.reasoningText).toBe(shows === "reasoning" ? "Let me think." : undefined);
        expect(answer.warnings ?? []).toEqual([]);
      });

      test("streamText: thinking, then text, then how it ended", async () => {
        house.play({ answer: { text: SAID, thinking: "Let me think.", usage } });
        const { result, errors, types, text, reasoning } = await listen({ model: model(kind), prompt: "hello" });
        expect([text, reasoning, errors]).toEqual([SAID, shows === "reasoning" ? "Let me think." : "", []]);
        const thinking = shows === "reasoning" ? ["reasoning-start", "reasoning-delta", "reasoning-end"] : [];
        expect(types).toEqual(["start", "start-step", ...thinking, "text-start", "text-delta", "text-end", "finish-step", "finish"]);
        expect(await result.finishReason).toBe("stop");
        expect(await result.usage).toMatchObject({ inputTokens: 11, outputTokens: 7 });
      });

      for (const streamed of [false, true]) {
        test(`a loop of two steps with two calls at once, ${streamed ? "streamed" : "whole"}`, async () => {
          const toolCalls = ["Paris", "Omsk"].map((city) => ({ name: "get_weather", arguments: { city } }));
          house.play([{ answer: { toolCalls, interleaved: streamed } }, { answer: { text: "Warm and cold." } }]);
          const asked: string[] = [];
          const execute = ({ city }: { city: string }) => {
            asked.push(city);
            return city === "Omsk" ? "minus nine" : "twenty-one";
          };
          const tools = { get_weather: tool({ description: "The weather now", inputSchema: z.object({ city: z.string() }), execute }) };
          const given = { model: model(kind), prompt: "How warm is it?", tools, stopWhen: stepCountIs(3) };
          const answer = streamed ? (await listen(given)).result : await generateText(given);
          const steps = await answer.steps;
          expect(steps.map((step) => step.finishReason)).toEqual(["tool-calls", "stop"]);
          expect(await answer.text).toBe("Warm and cold.");
          expect(asked.toSorted()).toEqual(["Omsk", "Paris"]);
          expect(house.fake.seen).toHaveLength(2);
          expect(house.fake.seen[1]?.text).toMatch(/twenty-one.*minus nine/);
        });
      }

      test("generateObject with a schema", async () => {
        house.play({ answer: { text: '{"name":"tea","day":4}' } });
        const answer = await generateObject({ model: model(kind), schema: Event, prompt: "Which event?" });
        expect(answer.object).toEqual({ name: "tea", day: 4 });
        expect(house.fake.seen[0]?.text).toContain('"day":{"type":"number"}');
      });

      test("generateObject that is cut short", async () => {
        house.play({ answer: { text: '{"name":', finish: "length" } });
        const error = await errorOf(generateObject({ model: model(kind), schema: Event, prompt: "Which event?" }));
        expect(NoObjectGeneratedError.isInstance(error) && error.finishReason).toBe("length");
      });

      for (const [what, status, seenAs, retryable] of [
        ["a bad request", 400, 400, false],
        ["a limit", 429, 429, true],
        ["a broken provider", 500, 502, true],
      ] as const) {
        test(`${what} is an APICallError`, async () => {
          house.play(failing(status));
          const error = await errorOf(generateText({ model: model(kind), prompt: "hello", maxRetries: 0 }));
          if (!APICallError.isInstance(error)) throw new Error(`not an APICallError: ${error}`);
          expect([error.statusCode, error.isRetryable]).toEqual([seenAs, retryable]);
          expect(error.message.length).toBeGreaterThan(10);
          const { errors } = await listen({ model: model(kind), prompt: "hello" });
          expect(errors.map((each) => APICallError.isInstance(each) && each.statusCode)).toEqual([seenAs]);
        });
      }

      for (const [what, behaviour] of Object.entries({
        "an error in the middle": { errorFrame: { afterFrames: 5 } },
        "a cut in the middle": { cut: { afterFrames: 5 } },
      } as const)) {
        test(`${what} is an error part after what was said`, async () => {
          house.play({ answer: { text: LONG }, ...behaviour });
          const { errors, types, text } = await listen({ model: model(kind), prompt: "hello" });
          expect(types).toContain("error");
          expect(errors.length).toBeGreaterThan(0);
          expect([text === "", LONG.startsWith(text), text === LONG]).toEqual([false, true, false]);
        });
      }

      test("aborted in the middle, upstream hears of it", async () => {
        house.play({ answer: { text: LONG }, stall: { afterFrames: 5 } });
        const waiting = new AbortController();
        const result = streamText({ model: model(kind), prompt: "hello", abortSignal: waiting.signal });
        const types: string[] = [];
        for await (const part of result.fullStream) {
          types.push(part.type);
          if (part.type === "text-delta") waiting.abort();
        }
        expect(types.at(-1)).toBe("abort");
        expect(await (await house.fake.request(0)).settled).toBe("client-left");
      });
    });
  }
}

describe("failures in the SDK's own words", () => {
  for (const [name, { model }] of Object.entries(CLIENTS)) {
    test(`${name}: no such model is asked for once`, async () => {
      house.play();
      const before = house.box.records.length;
      const error = await errorOf(generateText({ model: model("nobody"), prompt: "hello", maxRetries: 2 }));
      expect(APICallError.isInstance(error) && [error.statusCode, error.isRetryable]).toEqual([404, false]);
      expect(house.box.records.length - before).toBe(1);
    });

    test(`${name}: a provider that stays broken is asked again, then given up`, async () => {
      house.play(failing(503, 0));
      const error = await errorOf(generateText({ model: model("gemini"), prompt: "hello", maxRetries: 1 }));
      expect(RetryError.isInstance(error) && error.reason).toBe("maxRetriesExceeded");
      expect(house.fake.seen).toHaveLength(2);
    });
  }

  test("a wrong key", async () => {
    const wrong = createOpenAI({ baseURL: house.baseURL, apiKey: "wrong" });
    const error = await errorOf(generateText({ model: wrong.chat("openai"), prompt: "hello" }));
    expect(APICallError.isInstance(error) && [error.statusCode, error.isRetryable, error.message]).toEqual([401, false, "This key is not known here."]);
  });
});

describe("embeddings", () => {
  const EMBEDDERS = {
    "@ai-sdk/openai": (name: string) => openai().embedding(name),
    "@ai-sdk/openai-compatible": (name: string) => compatible().embeddingModel(name),
  };
  for (const [name, model] of Object.entries(EMBEDDERS)) {
    for (const kind of ["openai", "gemini", "ollama", "vllm"] as const) {
      test(`${name}, ${kind}`, async () => {
        house.play();
        const values = ["first", "second"];
        const answer = await embedMany({ model: model(kind), values });
        expect(answer.embeddings).toEqual(values.map((text) => vectorOf(text, 8)));
        expect(answer.usage.tokens).toBeGreaterThan(0);
      });
    }
  }
});
