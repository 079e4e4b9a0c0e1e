import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type AIMessage, type AIMessageChunk, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";
import { vectorOf } from "../fakes/upstream/answers/embeddings.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type House, openHouse } from "./house.ts";

/** LangChain's own client of OpenAI, unmodified, by Chat Completions and by Responses (as n8n's nodes call): over models of other makers. */
let house: House;
beforeAll(async () => {
  house = await openHouse({ policy: { attempts: 1 } });
});
afterAll(() => house.stop());

const UPSTREAMS = ["anthropic", "gemini", "ollama", "vllm"] as const;
const SAID = "Grüße aus 東京, all is well";
const usage = { input: 11, output: 7 };
const weather = tool(({ city }) => `sunny in ${city}`, {
  name: "weather",
  description: "The weather of a city.",
  schema: z.object({ city: z.string() }),
});
/** The paths it asked, in order. */
const paths: string[] = [];
const noted: typeof globalThis.fetch = Object.assign(
  (input: Parameters<typeof fetch>[0], init?: RequestInit) => {
    paths.push(new URL(input instanceof Request ? input.url : input).pathname);
    return fetch(input, init);
  },
  { preconnect: fetch.preconnect },
);
const modelOf = (model: string, useResponsesApi: boolean, more: object = {}) =>
  new ChatOpenAI({ model, useResponsesApi, apiKey: "sb-test", maxRetries: 0, configuration: { baseURL: house.baseURL, fetch: noted }, ...more });

describe.each([
  ["Chat Completions", false],
  ["Responses", true],
])("by %s", (_name, responses) => {
  describe.each(UPSTREAMS)("%s", (kind) => {
    test("invoke", async () => {
      house.play({ answer: { text: SAID, usage } });
      const answer = await modelOf(kind, responses).invoke("hello");
      expect(answer.text).toBe(SAID);
      expect(answer.usage_metadata).toMatchObject({ input_tokens: 11, output_tokens: 7, total_tokens: 18 });
      expect(paths.at(-1)).toBe(responses ? "/v1/responses" : "/v1/chat/completions");
    });

    test("stream, with usage", async () => {
      house.play({ answer: { text: SAID, usage } });
      let whole: AIMessageChunk | undefined;
      let pieces = 0;
      for await (const chunk of await modelOf(kind, responses).stream("hello")) {
        if (chunk.text !== "") pieces++;
        whole = whole === undefined ? chunk : whole.concat(chunk);
      }
      expect(whole?.text).toBe(SAID);
      expect(pieces).toBeGreaterThan(1);
      expect(whole?.usage_metadata).toMatchObject({ input_tokens: 11, output_tokens: 7, total_tokens: 18 });
    });

    test.each(["invoked", "streamed"])("a tool is called and its result goes back, %s", async (how) => {
      const cities = ["Paris", "Rome"];
      house.play([{ answer: { toolCalls: cities.map((city) => ({ name: "weather", arguments: { city } })) } }, { answer: { text: "Sunny in both." } }]);
      const model = modelOf(kind, responses).bindTools([weather]);
      const question = new HumanMessage("the weather of Paris and Rome");
      const asked = how === "invoked" ? await model.invoke([question]) : await joined(await model.stream([question]));
      expect(asked.tool_calls?.map(({ name, args }) => [name, args])).toEqual(cities.map((city) => ["weather", { city }]));
      const results = await Promise.all((asked.tool_calls ?? []).map(async (call) => (await weather.invoke(call)) as ToolMessage));
      expect(results.every((result) => result instanceof ToolMessage)).toBe(true);
      const answer = await model.invoke([question, asked as AIMessage, ...results]);
      expect(answer.text).toBe("Sunny in both.");
      for (const city of cities) expect(house.fake.seen[1]?.text).toContain(`sunny in ${city}`);
    });

    test("structured output", async () => {
      const event = { name: "tea", guests: ["Ann", "Bo"] };
      house.play({ answer: { text: JSON.stringify(event) } });
      const schema = z.object({ name: z.string(), guests: z.array(z.string()) });
      const model = modelOf(kind, responses).withStructuredOutput(schema, { name: "event", method: "jsonSchema" });
      expect(await model.invoke("invent an event")).toEqual(event);
      expect(house.fake.seen[0]?.text).toContain('"guests"');
    });
  });
});

async function joined(stream: AsyncIterable<AIMessageChunk>): Promise<AIMessageChunk> {
  let whole: AIMessageChunk | undefined;
  for await (const chunk of stream) whole = whole === undefined ? chunk : whole.concat(chunk);
  if (whole === undefined) throw new Error("The stream was empty.");
  return whole;
}

describe.each(["gemini", "ollama", "vllm"])("%s: embeddings", (model) => {
  test("of a text and of documents", async () => {
    house.play();
    const embeddings = new OpenAIEmbeddings({ model, apiKey: "sb-test", maxRetries: 0, configuration: { baseURL: house.baseURL } });
    expect(await embeddings.embedQuery("alone")).toEqual(vectorOf("alone", 8));
    expect(await embeddings.embedDocuments(["first", "second"])).toEqual(["first", "second"].map((text) => vectorOf(text, 8)));
  });
});

describe.each([
  ["Chat Completions", false],
  ["Responses", true],
])("errors by %s", (_name, responses) => {
  /** What LangChain throws, and how often the gateway was asked with three retries allowed. */
  const refused = async (model: string, more: object = {}) => {
    const before = paths.length;
    const error = await modelOf(model, responses, { maxRetries: 3, ...more })
      .invoke("hello")
      .catch((thrown) => thrown);
    return { status: error.status, code: error.lc_error_code, message: error.message, asked: paths.length - before };
  };

  test("a wrong key is asked with once", async () => {
    expect(await refused("anthropic", { apiKey: "wrong" })).toMatchObject({ status: 401, code: "MODEL_AUTHENTICATION", asked: 1 });
  });

  test("an unknown model is asked for once", async () => {
    expect(await refused("nobody")).toMatchObject({ status: 404, code: "MODEL_NOT_FOUND", asked: 1 });
  });

  test("a spent budget ends it at once", async () => {
    const { status, message, asked } = await refused("anthropic", { apiKey: "broke" });
    expect([status, asked]).toEqual([429, 1]);
    expect(message).toContain("The budget of this key is used up");
  });

  test("what the upstream refuses is asked once", async () => {
    house.play(() => failing(400));
    expect(await refused("vllm")).toMatchObject({ status: 400, asked: 1 });
  });

  test("an upstream that is limited for a moment is asked again", async () => {
    house.play([failing(429, 0), { answer: { text: "Here now." } }]);
    const answer = await modelOf("vllm", responses, { maxRetries: 2 }).invoke("hello");
    expect(answer.text).toBe("Here now.");
  });
});
