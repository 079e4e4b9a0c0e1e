import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { objectOf } from "../../../src/vocabulary/json.ts";
import type { Answer } from "../../fakes/upstream/answers/answer.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { hearGemini, hearGeminiList, hearGeminiStream } from "../hearers/gemini.ts";
import type { Heard } from "../hearers/heard.ts";

/** Clients of Google's API before every kind of upstream, by the bytes: what they get is the same, whoever answers. */
const KINDS: Readonly<Record<string, string>> = { gemini: "gemini-3-flash-preview", openai: "gpt-4o", anthropic: "claude-sonnet-4-5", ollama: "llama3.2" };

let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({ models: Object.fromEntries(Object.entries(KINDS).map(([kind, model]) => [`team/${kind}:x`, [{ kind, url: fake.url, model }]])) });
});
beforeEach(() => fake.forget());
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const asking = (text: string, more: object = {}) => ({ contents: [{ role: "user", parts: [{ text }] }], ...more });

/** How a client may ask, and how it reads what comes. */
const WAYS: Readonly<Record<string, { readonly verb: string; readonly type: RegExp; readonly hear: (text: string) => Heard }>> = {
  whole: { verb: "generateContent", type: /^application\/json/, hear: hearGemini },
  "in frames": { verb: "streamGenerateContent?alt=sse", type: /^text\/event-stream/, hear: hearGeminiStream },
  "as a list": { verb: "streamGenerateContent", type: /^application\/json/, hear: hearGeminiList },
};

async function ask(kind: string, way: string, body: object): Promise<Heard> {
  const { verb, type, hear } = WAYS[way] ?? { verb: "", type: /^$/, hear: hearGemini };
  const response = await box.post(`/v1beta/models/team%2F${kind}:x:${verb}`, body);
  const text = await response.text();
  expect([response.status, text]).toEqual([200, text]);
  expect(response.headers.get("content-type")).toMatch(type);
  const heard = hear(text);
  expect([heard.problems, heard.error]).toEqual([[], undefined]);
  return heard;
}

for (const kind of Object.keys(KINDS)) {
  for (const way of Object.keys(WAYS)) {
    describe(`${kind}, ${way}`, () => {
      test("text, its end and its cost", async () => {
        fake.play({ answer: { text: ["Grüße ", "aus ", "Łódź."], usage: { input: 40, output: 7 } } });
        const heard = await ask(kind, way, asking("hi", { generationConfig: { maxOutputTokens: 100, temperature: 0.5 } }));
        expect([heard.text, heard.finish, heard.calls]).toEqual(["Grüße aus Łódź.", "STOP", []]);
        expect(heard.usage).toMatchObject({ promptTokenCount: 40, candidatesTokenCount: 7, totalTokenCount: 47 });
        const record = await box.record(box.records.length - 1);
        expect([record.dialect, record.model, record.usage?.input, record.usage?.output, record.outcome]).toEqual(["gemini", `team/${kind}:x`, 40, 7, "ok"]);
      });

      test("cut off by its bound", async () => {
        fake.play({ answer: { text: "one two", finish: "length" } });
        expect((await ask(kind, way, asking("hi"))).finish).toBe("MAX_TOKENS");
      });

      test("two calls at once, and their results without ids", async () => {
        const toolCalls: Answer["toolCalls"] = [
          { name: "get_weather", arguments: { city: "Paris, the capital of France" } },
          { name: "get_weather", arguments: { city: "Omsk" } },
        ];
        fake.play([{ answer: { toolCalls, interleaved: true } }, { answer: { text: "Mild and cold." } }]);
        const tools = [
          {
            functionDeclarations: [
              { name: "get_weather", description: "The weather", parameters: { type: "OBJECT", properties: { city: { type: "STRING" } } } },
            ],
          },
        ];
        const first = await ask(kind, way, asking("How warm is it?", { tools }));
        expect([first.finish, first.calls.map(({ name, arguments: args }) => [name, args])]).toEqual([
          "STOP",
          toolCalls.map(({ name, arguments: args }) => [name, args]),
        ] as never);
        const contents = [
          { role: "user", parts: [{ text: "How warm is it?" }] },
          { role: "model", parts: first.calls.map(({ name, arguments: args }) => ({ functionCall: { name, args } })) },
          { role: "user", parts: ["mild", "cold"].map((output) => ({ functionResponse: { name: "get_weather", response: { output } } })) },
        ];
        expect((await ask(kind, way, { contents, tools })).text).toBe("Mild and cold.");
        expect(fake.seen[1]?.text).toMatch(/Paris.*Omsk.*mild.*cold/);
      });

      if (kind !== "openai")
        test("thoughts for those who ask", async () => {
          fake.play({ answer: { thinking: "Hm, well.", text: "Yes." } });
          const heard = await ask(
            kind,
            way,
            asking("think", { generationConfig: { maxOutputTokens: 9000, thinkingConfig: { includeThoughts: true, thinkingBudget: 2048 } } }),
          );
          expect([heard.thinking, heard.text]).toEqual(["Hm, well.", "Yes."]);
        });
    });
  }

  describe(kind, () => {
    test("a picture reaches it in its own words", async () => {
      fake.play({ answer: { text: "A cat." } });
      const contents = [{ parts: [{ inline_data: { mime_type: "image/png", data: "aGk_" } }, { text: "What is it?" }] }];
      expect((await ask(kind, "whole", { contents })).text).toBe("A cat.");
      expect(fake.seen[0]?.text).toContain(kind === "gemini" ? "aGk_" : "aGk/");
    });

    test("so does a schema for the answer", async () => {
      fake.play({ answer: { text: '{"city":"Omsk"}' } });
      const generationConfig = { responseMimeType: "application/json", responseSchema: { type: "OBJECT", properties: { city: { type: "STRING" } } } };
      expect((await ask(kind, "whole", asking("Where?", { generationConfig }))).text).toBe('{"city":"Omsk"}');
      expect(fake.seen[0]?.text).toContain(kind === "gemini" ? '"city":{"type":"STRING"}' : '"city":{"type":"string"}');
    });

    test("what only Google has words for is told by name", async () => {
      fake.play({ answer: { text: "Hello." } });
      const response = await box.post(
        `/v1/models/team%2F${kind}:x:generateContent`,
        asking("hi", { safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "OFF" }] }),
      );
      expect(response.status).toBe(200);
      if (kind === "gemini") expect(response.headers.get("x-signalbox-warnings")).toBeNull();
      else expect(response.headers.get("x-signalbox-warnings")).toContain("safetySettings was dropped");
    });

    test("tokens are counted: by Gemini itself, or about", async () => {
      fake.play({});
      const response = await box.post(`/v1beta/models/team%2F${kind}:x:countTokens`, {
        generateContentRequest: asking("one two three four", { model: "models/public" }),
      });
      const { totalTokens } = (await response.json()) as { totalTokens: number };
      expect([response.status, totalTokens > 4]).toEqual([200, true]);
      expect(fake.seen.map(({ path, text }) => `${path} ${text}`)).toEqual(
        kind === "gemini"
          ? [
              '/v1beta/models/gemini-3-flash-preview:countTokens {"generateContentRequest":{"contents":[{"role":"user","parts":[{"text":"one two three four"}]}],"model":"models/gemini-3-flash-preview"}}',
            ]
          : [],
      );
    });
  });
}

describe("embeddings", () => {
  const embedding = (text: string, more: object = {}) => ({ content: { parts: [{ text }] }, ...more });
  for (const kind of ["gemini", "openai", "ollama"]) {
    test(`of ${kind}, one and several`, async () => {
      fake.play({});
      const one = await box.post(`/v1beta/models/team%2F${kind}:x:embedContent`, embedding("one", { outputDimensionality: 4 }));
      const { embedding: single, usageMetadata } = (await one.json()) as { embedding: { values: number[] }; usageMetadata: { promptTokenCount: number } };
      const all = await box.post(`/v1beta/models/team%2F${kind}:x:batchEmbedContents`, {
        requests: ["one", "two"].map((text) => embedding(text, { model: "models/public", outputDimensionality: 4, taskType: "RETRIEVAL_QUERY" })),
      });
      const { embeddings } = (await all.json()) as { embeddings: { values: number[] }[] };
      expect([one.status, all.status, single.values.length, embeddings.length]).toEqual([200, 200, 4, 2]);
      expect(embeddings[0]).toEqual(single);
      expect(embeddings[1]).not.toEqual(single);
      expect(usageMetadata.promptTokenCount).toBeGreaterThan(0);
      expect(all.headers.get("x-signalbox-warnings")).toBe(kind === "gemini" ? null : `taskType was dropped: ${KINDS[kind]} has nothing like it.`);
      if (kind === "gemini")
        expect(fake.seen[1]?.json).toMatchObject({ requests: [{ model: "models/gemini-3-flash-preview", taskType: "RETRIEVAL_QUERY" }, {}] });
    });
  }

  test("of a provider without any", async () => {
    const response = await box.post("/v1beta/models/team%2Fanthropic:x:embedContent", embedding("one"));
    expect([response.status, ((await response.json()) as { error: { status: string } }).error.status]).toEqual([404, "NOT_FOUND"]);
  });
});

describe("the list of models", () => {
  const get = async (path: string, headers: Readonly<Record<string, string>> = {}) => {
    const response = await fetch(box.url + path, { headers: { "x-goog-api-key": "sb-test", ...headers } });
    return { status: response.status, body: objectOf(await response.json()) };
  };
  const CHATS = ["generateContent", "streamGenerateContent", "countTokens"];
  const EMBEDS = ["embedContent", "batchEmbedContents"];

  test("is in Google's shape, with what each can do", async () => {
    const { body } = await get("/v1beta/models?pageSize=50");
    expect(body).toEqual({
      models: [
        { name: "models/team/gemini:x", displayName: "team/gemini:x", outputTokenLimit: 65_536, supportedGenerationMethods: [...CHATS, ...EMBEDS] },
        { name: "models/team/openai:x", displayName: "team/openai:x", outputTokenLimit: 16_384, supportedGenerationMethods: [...CHATS, ...EMBEDS] },
        { name: "models/team/anthropic:x", displayName: "team/anthropic:x", outputTokenLimit: 64_000, supportedGenerationMethods: CHATS },
        { name: "models/team/ollama:x", displayName: "team/ollama:x", supportedGenerationMethods: [...CHATS, ...EMBEDS] },
      ],
    });
  });

  test("so is one of them, and one that is not there", async () => {
    for (const path of ["team%2Fgemini:x", "team/gemini:x", "models%2Fteam%2Fgemini:x"])
      expect((await get(`/v1beta/models/${path}`)).body["name"]).toBe("models/team/gemini:x");
    const { status, body } = await get("/v1beta/models/nobody");
    expect([status, objectOf(body["error"])["status"]]).toEqual([404, "NOT_FOUND"]);
  });

  test("at /v1 it is Google's for its own clients, and everybody else's for everybody else", async () => {
    expect(Object.keys((await get("/v1/models", { "x-goog-api-client": "google-genai-sdk/3.1.0" })).body)).toEqual(["models"]);
    expect((await get("/v1/models/team%2Fgemini:x", { "x-goog-api-client": "google-genai-sdk/3.1.0" })).body["name"]).toBe("models/team/gemini:x");
    expect((await get("/v1/models")).body["object"]).toBe("list");
  });
});
