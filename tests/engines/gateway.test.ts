import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { startBox, type TestBox } from "../harness/box.ts";
import { describeLlama, type LlamaServer, startLlamaServer } from "./llama-server.ts";
import { TINY_CONTEXT } from "./tiny-model.ts";

/** The gateway over the real llama.cpp, one engine for chat and one for embeddings. */
describeLlama("through the gateway", () => {
  let chat: LlamaServer;
  let embed: LlamaServer;
  let box: TestBox;
  let openai: OpenAI;
  beforeAll(async () => {
    [chat, embed] = await Promise.all([startLlamaServer(), startLlamaServer(["--embeddings", "--pooling", "mean"])]);
    box = startBox({ models: { tiny: [{ kind: "llama.cpp", url: chat.url }], vectors: [{ kind: "llama.cpp", url: embed.url }] } });
    openai = new OpenAI({ baseURL: `${box.url}/v1`, apiKey: "sb-test", maxRetries: 0 });
  });
  afterAll(async () => {
    await box.stop();
    await Promise.all([chat.stop(), embed.stop()]);
  });

  const asked = { model: "tiny", messages: [{ role: "user" as const, content: "hi" }], temperature: 0 };

  test("OpenAI's client hears it whole and in a stream, and what it used is what we wrote down", async () => {
    const before = box.records.length;
    const whole = await openai.chat.completions.create({ ...asked, max_completion_tokens: 24 });
    let text = "";
    for await (const { choices } of await openai.chat.completions.create({ ...asked, max_completion_tokens: 24, stream: true }))
      text += choices[0]?.delta.content ?? "";
    expect(text).toBe(whole.choices[0]?.message.content ?? "");
    expect(text.length).toBe(24);
    const usage = { input: whole.usage?.prompt_tokens, output: 24 };
    expect([await box.record(before), await box.record(before + 1)]).toMatchObject([{ usage }, { usage }]);
  });

  test("Anthropic's client hears the same", async () => {
    const anthropic = new Anthropic({ baseURL: box.url, apiKey: "sb-test", maxRetries: 0 });
    const message = await anthropic.messages.stream({ ...asked, max_tokens: 24 }).finalMessage();
    const whole = await openai.chat.completions.create({ ...asked, max_completion_tokens: 24 });
    expect(message).toMatchObject({
      stop_reason: "max_tokens",
      usage: { output_tokens: 24 },
      content: [{ type: "text", text: whole.choices[0]?.message.content }],
    });
  });

  test("vectors come in order, as base64 too", async () => {
    const { data } = await openai.embeddings.create({ model: "vectors", input: ["hi", "there"] });
    const plain = await openai.embeddings.create({ model: "vectors", input: ["hi", "there"], encoding_format: "float" });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([64, 64]);
    expect(data[1]?.embedding[0]).toBeCloseTo(plain.data[1]?.embedding[0] ?? Number.NaN, 6);
  });

  describe("what does not fit", () => {
    const start = `This model's maximum context length is ${TINY_CONTEXT} tokens.`;
    const content = "a".repeat(TINY_CONTEXT + 1);
    const tooLong: [string, () => Promise<unknown>][] = [
      ["a conversation", () => openai.chat.completions.create({ ...asked, messages: [{ role: "user", content }] })],
      ["a conversation in a stream", () => openai.chat.completions.create({ ...asked, messages: [{ role: "user", content }], stream: true })],
      ["a text to embed", () => openai.embeddings.create({ model: "vectors", input: content })],
    ];
    test.each(tooLong)("%s is told so in the words clients know", async (_what, ask) => {
      const failure = await ask().catch((thrown: unknown) => thrown);
      expect(failure).toBeInstanceOf(OpenAI.BadRequestError);
      expect(failure).toMatchObject({ status: 400, code: "context_length_exceeded", message: expect.stringContaining(start) });
    });
  });

  test("a picture for a model without eyes is the client's mistake, not the engine's illness", async () => {
    const before = box.records.length;
    const url = "data:image/png;base64,iVBORw0KGgo=";
    const failure = await openai.chat.completions
      .create({ ...asked, messages: [{ role: "user", content: [{ type: "image_url", image_url: { url } }] }] })
      .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ status: 400, message: expect.stringContaining("image input is not supported") });
    expect((await box.record(before)).trace.attempts.length).toBe(1);
  });
});
