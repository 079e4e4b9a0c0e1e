import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  ApiError,
  createPartFromFunctionResponse,
  type FunctionCall,
  FunctionCallingConfigMode,
  type GenerateContentResponse,
  GoogleGenAI,
  ThinkingLevel,
  Type,
} from "@google/genai";
import type { Answer } from "../fakes/upstream/answers/answer.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type House, KINDS, openHouse, SLASHED } from "./house.ts";

/** Google's own client for JavaScript, unmodified, in front of every kind of upstream. It asks for `v1` unless told otherwise. */
let house: House;
let client: GoogleGenAI;
beforeAll(async () => {
  house = await openHouse({ policy: { attempts: 1, comment: 20 } });
  client = new GoogleGenAI({ apiKey: "sb-test", httpOptions: { baseUrl: house.box.url } });
});
afterAll(() => house.stop());

const parameters = { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ["city"] };
const tools = [{ functionDeclarations: [{ name: "get_weather", description: "The weather now", parameters }] }];
const ASKS: Answer = {
  toolCalls: [
    { name: "get_weather", arguments: { city: "Paris, the capital of France" } },
    { name: "get_weather", arguments: { city: "Omsk" } },
  ],
};
const CONCLUDES: Answer = { text: "21 in Paris, -9 in Omsk." };
const USED = { input: 40, output: 7 };

/** A stream to its end: its words, the function calls in it, and its last response. */
async function heard(stream: AsyncGenerator<GenerateContentResponse>) {
  let text = "";
  const calls: FunctionCall[] = [];
  let last: GenerateContentResponse | undefined;
  for await (const chunk of stream) {
    last = chunk;
    calls.push(...(chunk.functionCalls ?? []));
    for (const part of chunk.candidates?.[0]?.content?.parts ?? []) if (part.thought !== true) text += part.text ?? "";
  }
  return { text, calls, last };
}

const errorOf = async (promise: Promise<unknown>): Promise<ApiError> => {
  const error = await promise.catch((thrown) => thrown);
  if (error instanceof ApiError) return error;
  throw new Error(`This should have ended with an ApiError: ${JSON.stringify(error)}`);
};

for (const kind of KINDS) {
  describe(kind, () => {
    test("whole", async () => {
      house.play({ answer: { text: "Grüße an alle.", usage: USED } });
      const config = { systemInstruction: "Be brief.", temperature: 0.5, maxOutputTokens: 100, stopSequences: ["END"] };
      const answer = await client.models.generateContent({ model: kind, contents: "hello", config });
      expect(answer.text).toBe("Grüße an alle.");
      expect([
        answer.candidates?.[0]?.finishReason as string | undefined,
        answer.usageMetadata?.promptTokenCount,
        answer.usageMetadata?.totalTokenCount,
      ]).toEqual(["STOP", 40, 47]);
      expect(house.fake.seen[0]?.text).toContain("Be brief.");
    });

    test("streamed, with the silence of a slow upstream in between", async () => {
      house.play({ answer: { text: ["Grüße ", "an ", "alle."], usage: USED }, delayBetween: 60 });
      const { text, last } = await heard(await client.models.generateContentStream({ model: kind, contents: "hello" }));
      expect(text).toBe("Grüße an alle.");
      expect([last?.candidates?.[0]?.finishReason as string | undefined, last?.usageMetadata?.totalTokenCount]).toEqual(["STOP", 47]);
    });

    for (const streamed of [false, true]) {
      test(`two calls at once and their results, ${streamed ? "streamed" : "whole"}`, async () => {
        house.play([{ answer: ASKS }, { answer: CONCLUDES }]);
        const chat = client.chats.create({ model: kind, config: { tools, thinkingConfig: { includeThoughts: true } } });
        const say = async (message: Parameters<typeof chat.sendMessage>[0]["message"]) => {
          if (streamed) return heard(await chat.sendMessageStream({ message }));
          const answer = await chat.sendMessage({ message });
          // Its own reading of the text complains about parts that are none.
          const calls = answer.functionCalls ?? [];
          return { text: calls.length === 0 ? (answer.text ?? "") : "", calls };
        };
        const { calls } = await say("How warm is it in Paris and in Omsk?");
        expect(calls.map(({ name, args }) => [name, args?.["city"]])).toEqual([
          ["get_weather", "Paris, the capital of France"],
          ["get_weather", "Omsk"],
        ]);
        const results = calls.map(({ id, name, args }) =>
          createPartFromFunctionResponse(id ?? "", name ?? "", { output: args?.["city"] === "Omsk" ? "minus nine" : "twenty-one" }),
        );
        expect((await say(results)).text).toBe("21 in Paris, -9 in Omsk.");
        expect(house.fake.seen[1]?.text).toMatch(/Omsk.*twenty-one.*minus nine/);
      });
    }

    test("a format by schema, in Google's own kind of schema", async () => {
      house.play({ answer: { text: '{"city":"Omsk"}' } });
      const config = { responseMimeType: "application/json", responseSchema: parameters };
      const answer = await client.models.generateContent({ model: kind, contents: "Where?", config });
      expect(JSON.parse(answer.text ?? "")).toEqual({ city: "Omsk" });
      expect(house.fake.seen[0]?.text.toLowerCase()).toContain('"city":{"type":"string"}');
    });

    test("a picture", async () => {
      house.play({ answer: { text: "A cat." } });
      const contents = [{ text: "What is this?" }, { inlineData: { mimeType: "image/png", data: "aGk=" } }];
      expect((await client.models.generateContent({ model: kind, contents })).text).toBe("A cat.");
      expect(house.fake.seen[0]?.text).toContain("aGk=");
    });

    test("errors, before the answer and in the middle of it", async () => {
      house.play(failing(500));
      const error = await errorOf(client.models.generateContent({ model: kind, contents: "hello" }));
      expect([error.status, JSON.parse(error.message).error.status]).toEqual([502, "INTERNAL"]);
      house.play({ answer: { text: ["one ", "two ", "three"] }, cut: { afterFrames: 5 }, drop: ["finish", "end"] });
      const stream = await client.models.generateContentStream({ model: kind, contents: "hello" });
      const broken = await errorOf(heard(stream));
      expect([broken.status, broken.message]).toEqual([502, expect.stringContaining("INTERNAL")]);
    });

    test("counting", async () => {
      house.play();
      expect((await client.models.countTokens({ model: kind, contents: "How many tokens are these?" })).totalTokens).toBeGreaterThan(3);
    });
  });
}

for (const kind of ["openai", "gemini", "ollama"]) {
  test(`embeddings of ${kind}`, async () => {
    house.play();
    const { embeddings } = await client.models.embedContent({ model: kind, contents: ["one", "two"], config: { outputDimensionality: 6 } });
    expect(embeddings?.map(({ values }) => values?.length)).toEqual([6, 6]);
    expect(embeddings?.[0]?.values).not.toEqual(embeddings?.[1]?.values);
  });
}

describe("what the client sends", () => {
  test("what a model thinks is shown to whoever asks, and to nobody else", async () => {
    house.play({ answer: { thinking: "Hm.", text: "Yes." } });
    const ask = (includeThoughts: boolean) =>
      client.models.generateContent({
        model: "anthropic",
        contents: "Well?",
        config: { thinkingConfig: { includeThoughts, thinkingBudget: 2000 }, maxOutputTokens: 8000 },
      });
    const parts = async (shown: boolean) => (await ask(shown)).candidates?.[0]?.content?.parts;
    expect(await parts(true)).toEqual([{ text: "Hm.", thought: true }, { text: "Yes." }]);
    expect(await parts(false)).toEqual([{ text: "Yes." }]);
  });

  test("a level of thinking and a forced function reach another provider in its words", async () => {
    house.play({ answer: ASKS });
    await client.models.generateContent({
      model: "openai",
      contents: "hello",
      config: {
        tools,
        toolConfig: { functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["get_weather"] } },
        thinkingConfig: { thinkingLevel: ThinkingLevel.LOW },
      },
    });
    expect(house.fake.seen[0]?.json).toMatchObject({ tool_choice: { type: "function", function: { name: "get_weather" } } });
  });

  test("its tools of Google's own reach Gemini, and nobody else", async () => {
    house.play({ answer: { text: "Found." } });
    const ask = (model: string) => client.models.generateContent({ model, contents: "Look it up", config: { tools: [{ googleSearch: {} }] } });
    expect((await ask("gemini")).text).toBe("Found.");
    expect(house.fake.seen[0]?.json).toMatchObject({ tools: [{ googleSearch: {} }] });
    const error = await errorOf(ask("openai"));
    expect([error.status, error.message]).toEqual([400, expect.stringContaining("tools[0].googleSearch")]);
  });

  test("a name with a slash, written with models/ before it", async () => {
    house.play({ answer: { text: "Hello." } });
    expect((await client.models.generateContent({ model: `models/${SLASHED}`, contents: "hello" })).text).toBe("Hello.");
  });

  test("the list of models, in both versions of the API", async () => {
    house.play();
    for (const apiVersion of ["v1", "v1beta"]) {
      const versioned = new GoogleGenAI({ apiKey: "sb-test", httpOptions: { baseUrl: house.box.url, apiVersion } });
      const names: (string | undefined)[] = [];
      for await (const model of await versioned.models.list()) names.push(model.name);
      expect(names).toEqual(expect.arrayContaining(["models/gemini", "models/anthropic", `models/${SLASHED}`]));
      expect(await versioned.models.get({ model: "anthropic" })).toMatchObject({ name: "models/anthropic", displayName: "anthropic" });
    }
  });

  test("no such model, and a wrong key", async () => {
    house.play();
    const missing = await errorOf(client.models.generateContent({ model: "nobody", contents: "hello" }));
    expect([missing.status, JSON.parse(missing.message).error.status]).toEqual([404, "NOT_FOUND"]);
    const stranger = new GoogleGenAI({ apiKey: "sb-test", httpOptions: { baseUrl: house.box.url, headers: { authorization: "Bearer wrong" } } });
    const refused = await errorOf(stranger.models.generateContent({ model: "openai", contents: "hello" }));
    expect([refused.status, JSON.parse(refused.message).error.status]).toEqual([401, "UNAUTHENTICATED"]);
    expect(house.fake.seen).toHaveLength(0);
  });
});
