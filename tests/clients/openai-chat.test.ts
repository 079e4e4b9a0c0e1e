import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { LengthFinishReasonError } from "openai/core/error";
import { zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { type Json, objectOf } from "../../src/vocabulary/json.ts";
import { type House, KINDS, type Kind, openHouse } from "./house.ts";

/** OpenAI's own JavaScript client, unmodified: chats whole and streamed, its stream helper, answers of a given shape. */
let house: House;
let client: OpenAI;
beforeAll(async () => {
  house = await openHouse();
  client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test" });
});
afterAll(() => house.stop());

const SAID = "Grüße aus 東京, all is well";
const messages: OpenAI.ChatCompletionMessageParam[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "hello" },
];
const usage = { input: 11, output: 7 };

for (const kind of KINDS) {
  describe(kind, () => {
    test("whole", async () => {
      house.play({ answer: { text: SAID, usage } });
      const { data, request_id } = await client.chat.completions.create({ model: kind, messages, max_completion_tokens: 500 }).withResponse();
      expect(data.object).toBe("chat.completion");
      expect(data.id).toMatch(/^chatcmpl-./);
      expect(data.choices).toHaveLength(1);
      expect(data.choices[0]).toMatchObject({ index: 0, finish_reason: "stop", message: { role: "assistant", content: SAID } });
      expect(data.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
      expect(request_id).toMatch(/^req_./);
      expect(data).toHaveProperty("_request_id", request_id);
    });

    for (const include_usage of [true, false]) {
      test(`streamed, ${include_usage ? "with" : "without"} usage`, async () => {
        house.play({ answer: { text: SAID, usage } });
        const stream = await client.chat.completions.create({
          model: kind,
          messages,
          stream: true,
          ...(include_usage ? { stream_options: { include_usage } } : {}),
        });
        const chunks: OpenAI.ChatCompletionChunk[] = [];
        for await (const chunk of stream) chunks.push(chunk);
        expect(chunks[0]?.choices[0]?.delta.role).toBe("assistant");
        expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe(SAID);
        expect(chunks.filter((chunk) => chunk.choices[0]?.finish_reason === "stop")).toHaveLength(1);
        expect(new Set(chunks.map((chunk) => chunk.id)).size).toBe(1);
        const withUsage = chunks.filter((chunk) => chunk.usage);
        expect(withUsage.map((chunk) => chunk.choices)).toEqual(include_usage ? [[]] : []);
        if (include_usage) expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
      });
    }

    test("the stream helper, which throws on a missing role, index or finish", async () => {
      house.play({ answer: { text: SAID, usage } });
      const runner = client.chat.completions.stream({ model: kind, messages, stream_options: { include_usage: true } });
      let heard = "";
      runner.on("content", (piece) => (heard += piece));
      const whole = await runner.finalChatCompletion();
      expect(heard).toBe(SAID);
      expect(whole.choices[0]).toMatchObject({ index: 0, finish_reason: "stop", message: { role: "assistant", content: SAID } });
      expect(await runner.totalUsage()).toMatchObject({ prompt_tokens: 11, completion_tokens: 7 });
    });

    test("an empty answer is still an answer to the stream helper", async () => {
      house.play({ answer: { text: "" } });
      const whole = await client.chat.completions.stream({ model: kind, messages }).finalChatCompletion();
      expect(whole.choices[0]?.finish_reason).toBe("stop");
    });

    test("an answer cut short by its bound says length", async () => {
      house.play({ answer: { text: SAID, finish: "length" } });
      const whole = await client.chat.completions.stream({ model: kind, messages, max_tokens: 5 }).finalChatCompletion();
      expect(whole.choices[0]?.finish_reason).toBe("length");
    });
  });
}

const Event = z.object({ name: z.string(), day: z.number(), guests: z.array(z.string()) });
const EVENT = { name: "tea", day: 4, guests: ["Ann", "Bo"] };

/** Where each kind wants the schema. */
const SCHEMA_AT: Readonly<Record<Kind, (body: Json | undefined) => Json | undefined>> = {
  openai: (body) => objectOf(objectOf(objectOf(body)["response_format"])["json_schema"])["schema"],
  vllm: (body) => objectOf(objectOf(objectOf(body)["response_format"])["json_schema"])["schema"],
  responses: (body) => objectOf(objectOf(objectOf(body)["text"])["format"])["schema"],
  anthropic: (body) => objectOf(objectOf(objectOf(body)["output_config"])["format"])["schema"],
  gemini: (body) => objectOf(objectOf(body)["generationConfig"])["responseJsonSchema"],
  ollama: (body) => objectOf(body)["format"],
};

for (const kind of KINDS) {
  describe(`${kind}: answers of a given shape`, () => {
    const response_format = zodResponseFormat(Event, "event");

    test("parse", async () => {
      house.play({ answer: { text: JSON.stringify(EVENT) } });
      const answer = await client.chat.completions.parse({ model: kind, messages, response_format });
      expect(answer.choices[0]?.message.parsed).toEqual(EVENT);
      const schema = objectOf(SCHEMA_AT[kind](house.fake.seen[0]?.json));
      expect(Object.keys(objectOf(schema["properties"]))).toEqual(["name", "day", "guests"]);
    });

    test("parsed from a stream", async () => {
      house.play({ answer: { text: JSON.stringify(EVENT).match(/.{1,5}/g) ?? [] } });
      const answer = await client.chat.completions.stream({ model: kind, messages, response_format }).finalChatCompletion();
      expect(answer.choices[0]?.message.parsed).toEqual(EVENT);
    });

    test("cut short, it is the client's LengthFinishReasonError", async () => {
      house.play({ answer: { text: '{"name":', finish: "length" } });
      const refused = client.chat.completions.parse({ model: kind, messages, response_format });
      expect(await refused.catch((error) => error)).toBeInstanceOf(LengthFinishReasonError);
    });
  });
}
