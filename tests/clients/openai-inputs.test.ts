import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText } from "ai";
import OpenAI from "openai";
import { type Json, listOf, objectOf } from "../../src/vocabulary/json.ts";
import { type House, KINDS, type Kind, openHouse } from "./house.ts";

/** What clients put into a request besides words, and where each kind of upstream finds it. */
let house: House;
let client: OpenAI;
beforeAll(async () => {
  house = await openHouse();
  client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test" });
});
afterAll(() => house.stop());

/** One transparent pixel. */
const PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

const at = (json: Json | undefined, ...path: readonly (string | number)[]): Json | undefined =>
  path.reduce<Json | undefined>((value, step) => (typeof step === "number" ? listOf(value).at(step) : objectOf(value)[step]), json);
const openaiImage = (body: Json | undefined) => at(body, "messages", -1, "content", 1, "image_url", "url");

const IMAGE_AT: Readonly<Record<Kind, (body: Json | undefined) => Json | undefined>> = {
  openai: openaiImage,
  vllm: openaiImage,
  responses: (body) => at(body, "input", -1, "content", 1, "image_url"),
  anthropic: (body) => at(body, "messages", -1, "content", 1, "source"),
  gemini: (body) => at(body, "contents", -1, "parts", 1, "inlineData"),
  ollama: (body) => at(body, "messages", -1, "images"),
};
const IMAGE: Readonly<Record<Kind, Json>> = {
  openai: `data:image/png;base64,${PIXEL}`,
  vllm: `data:image/png;base64,${PIXEL}`,
  responses: `data:image/png;base64,${PIXEL}`,
  anthropic: { type: "base64", media_type: "image/png", data: PIXEL },
  gemini: { mimeType: "image/png", data: PIXEL },
  ollama: [PIXEL],
};

/** Where instructions end up, and the stop sequences. */
const SYSTEM_AT: Readonly<Record<Kind, (body: Json | undefined) => Json | undefined>> = {
  openai: (body) => at(body, "messages", 0, "content"),
  vllm: (body) => at(body, "messages", 0, "content"),
  responses: (body) => at(body, "input", 0, "content"),
  anthropic: (body) => at(body, "system"),
  gemini: (body) => at(body, "systemInstruction", "parts", 0, "text"),
  ollama: (body) => at(body, "messages", 0, "content"),
};
const STOP_AT: Readonly<Record<Kind, (body: Json | undefined) => Json | undefined>> = {
  openai: (body) => at(body, "stop"),
  vllm: (body) => at(body, "stop"),
  responses: (body) => at(body, "stop"),
  anthropic: (body) => at(body, "stop_sequences"),
  gemini: (body) => at(body, "generationConfig", "stopSequences"),
  ollama: (body) => at(body, "options", "stop"),
};

for (const kind of KINDS) {
  describe(kind, () => {
    const upstreamBody = () => house.fake.seen[0]?.json;

    test("an image, from openai-node", async () => {
      house.play({ answer: { text: "a dot" } });
      const url = `data:image/png;base64,${PIXEL}`;
      const content: OpenAI.ChatCompletionContentPart[] = [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url } },
      ];
      const answer = await client.chat.completions.create({ model: kind, messages: [{ role: "user", content }] });
      expect(answer.choices[0]?.message.content).toBe("a dot");
      expect(IMAGE_AT[kind](upstreamBody())).toEqual(IMAGE[kind]);
    });

    test("an image, from the AI SDK", async () => {
      house.play({ answer: { text: "a dot" } });
      const model = createOpenAICompatible({ name: "signalbox", baseURL: house.baseURL, apiKey: "sb-test" })(kind);
      const content = [
        { type: "text", text: "What is this?" } as const,
        { type: "image", image: Buffer.from(PIXEL, "base64"), mediaType: "image/png" } as const,
      ];
      const answer = await generateText({ model, messages: [{ role: "user", content }] });
      expect(answer.text).toBe("a dot");
      expect(IMAGE_AT[kind](upstreamBody())).toEqual(IMAGE[kind]);
    });

    for (const role of ["system", "developer"] as const) {
      test(`instructions as ${role}, earlier turns, stop sequences`, async () => {
        house.play({ answer: { text: "fine" } });
        const messages: OpenAI.ChatCompletionMessageParam[] = [
          { role, content: "Be brief." },
          { role: "user", content: "hello" },
          { role: "assistant", content: "Hello. How are you?" },
          { role: "user", content: [{ type: "text", text: "well, and you?" }] },
        ];
        const answer = await client.chat.completions.create({ model: kind, messages, stop: ["END", "STOP"], temperature: 0.5 });
        expect(answer.choices[0]?.message.content).toBe("fine");
        expect(JSON.stringify(SYSTEM_AT[kind](upstreamBody()))).toContain("Be brief.");
        // The Responses API has none.
        expect(STOP_AT[kind](upstreamBody())).toEqual(kind === "responses" ? undefined : ["END", "STOP"]);
        expect(house.fake.seen[0]?.text).toMatch(/hello.*How are you\?.*well, and you\?/);
      });
    }

    test("fields of OpenAI's own are no reason to refuse", async () => {
      house.play({ answer: { text: "fine" } });
      const own = { store: false, metadata: { team: "a" }, user: "u-1", service_tier: "auto", seed: 7, presence_penalty: 0, frequency_penalty: 0 } as const;
      const answer = await client.chat.completions.create({ model: kind, messages: [{ role: "user", content: "hello" }], ...own });
      expect(answer.choices[0]?.message.content).toBe("fine");
    });
  });
}

describe("a refusal is told apart from an answer", () => {
  // Ollama has no word for one.
  for (const kind of KINDS.filter((each) => each !== "ollama")) {
    test(kind, async () => {
      house.play({ answer: { refusal: "I cannot help with that." } });
      const answer = await client.chat.completions.stream({ model: kind, messages: [{ role: "user", content: "hello" }] }).finalChatCompletion();
      const choice = answer.choices[0];
      expect(`${choice?.message.refusal ?? ""}${choice?.message.content ?? ""}`).toBe("I cannot help with that.");
      expect(choice?.finish_reason === "content_filter" || typeof choice?.message.refusal === "string").toBe(true);
    });
  }
});
