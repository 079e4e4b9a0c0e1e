import { afterAll, beforeAll, expect, test } from "bun:test";
import OpenAI from "openai";
import { until } from "../harness/until.ts";
import { describeLlama, type LlamaServer, startLlamaServer } from "./llama-server.ts";
import { TINY_CONTEXT } from "./tiny-model.ts";

/** What llama.cpp's own server answers, which `src/providers/llama-cpp.ts` and the fleet rely on. */
describeLlama("the engine by itself", () => {
  let engine: LlamaServer;
  let client: OpenAI;
  beforeAll(async () => {
    engine = await startLlamaServer();
    client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: "none", maxRetries: 0 });
  });
  afterAll(() => engine.stop());

  const asked = { model: "tiny", messages: [{ role: "user" as const, content: "hi" }], max_tokens: 24, temperature: 0 };

  test("is healthy, and lists its model under the alias it was given", async () => {
    expect(await (await fetch(`${engine.url}/health`)).json()).toEqual({ status: "ok" });
    expect((await client.models.list()).data).toMatchObject([{ id: "tiny", aliases: ["tiny"] }]);
  });

  test("answers whole, and the same in a stream, with what it used", async () => {
    const whole = await client.chat.completions.create(asked);
    expect(whole).toMatchObject({ choices: [{ finish_reason: "length" }], usage: { completion_tokens: 24 } });
    let text = "";
    let pieces = 0;
    let usage: OpenAI.CompletionUsage | undefined;
    for await (const { choices, usage: told } of await client.chat.completions.create({ ...asked, stream: true, stream_options: { include_usage: true } })) {
      const said = choices[0]?.delta.content ?? "";
      text += said;
      if (said !== "") pieces++;
      usage = told ?? usage;
    }
    expect(text).toBe(whole.choices[0]?.message.content ?? "");
    expect(text.length).toBe(24);
    expect(pieces).toBe(24);
    expect(usage).toMatchObject({ prompt_tokens: whole.usage?.prompt_tokens, completion_tokens: 24 });
  });

  test("keeps to a schema, whatever its weights say", async () => {
    const schema = { type: "object", properties: { ready: { enum: ["yes", "no"] } }, required: ["ready"], additionalProperties: false };
    const answer = await client.chat.completions.create({
      ...asked,
      max_tokens: 200,
      response_format: { type: "json_schema", json_schema: { name: "state", schema } },
    });
    expect(["yes", "no"]).toContain(JSON.parse(answer.choices[0]?.message.content ?? "").ready);
  });

  test.each<[string, string, object, number, object]>([
    [
      "a prompt longer than its context",
      "/chat/completions",
      { messages: [{ role: "user", content: "a".repeat(TINY_CONTEXT) }] },
      400,
      { code: 400, type: "exceed_context_size_error", message: expect.stringContaining(`exceeds the available context size (${TINY_CONTEXT} tokens)`) },
    ],
    [
      "a picture for a model without eyes",
      "/chat/completions",
      { messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=" } }] }] },
      500,
      { message: expect.stringContaining("image input is not supported") },
    ],
    ["what it was not started for", "/embeddings", { input: "hi" }, 501, { type: "not_supported_error" }],
  ])("refuses %s as our dialect reads it", async (_what, path, body, status, error) => {
    const answer = await fetch(`${engine.url}/v1${path}`, { method: "POST", body: JSON.stringify({ model: "tiny", ...body }) });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({ error });
  });
});

describeLlama("the engine for embeddings", () => {
  let engine: LlamaServer;
  beforeAll(async () => {
    engine = await startLlamaServer(["--embeddings", "--pooling", "mean", "--alias", "a/vector-model"]);
  });
  afterAll(() => engine.stop());

  test("has one id for several names, the first of them by its letters; all are among its aliases", async () => {
    const { data } = JSON.parse(await (await fetch(`${engine.url}/v1/models`)).text());
    expect(data).toMatchObject([{ id: "a/vector-model", aliases: ["a/vector-model", "tiny"] }]);
  });

  test("gives the same vector for the same text, in order", async () => {
    const client = new OpenAI({ baseURL: `${engine.url}/v1`, apiKey: "none" });
    const { data, usage } = await client.embeddings.create({ model: "tiny", input: ["hi", "there", "hi"] });
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(data[0]?.embedding.length).toBe(64);
    expect(data[2]?.embedding).toEqual(data[0]?.embedding ?? []);
    expect(data[1]?.embedding).not.toEqual(data[0]?.embedding ?? []);
    expect(usage.prompt_tokens).toBeGreaterThan(0);
  });

  test("calls an input longer than its batch its own failure", async () => {
    const answer = await fetch(`${engine.url}/v1/embeddings`, { method: "POST", body: JSON.stringify({ input: "a".repeat(TINY_CONTEXT + 1) }) });
    expect(answer.status).toBe(500);
    expect(await answer.json()).toMatchObject({ error: { message: expect.stringContaining("is too large to process") } });
  });
});

describeLlama("the engine at a long answer", () => {
  let engine: LlamaServer;
  beforeAll(async () => {
    // So long that it is never at its end when it is left.
    engine = await startLlamaServer(["--metrics", "--ctx-size", "131072", "--override-kv", "llama.context_length=int:65536"]);
  });
  afterAll(() => engine.stop());

  const count = async (name: string) => Number(new RegExp(`^llamacpp:${name} (.+)$`, "m").exec(await (await fetch(`${engine.url}/metrics`)).text())?.[1]);

  test("tells by its decodes that it gets on, by its tokens only when the answer is over; a client who leaves ends it", async () => {
    const leave = new AbortController();
    const body = JSON.stringify({ messages: [{ role: "user", content: "hi" }], stream: true });
    const answer = await fetch(`${engine.url}/v1/chat/completions`, { method: "POST", body, signal: leave.signal });
    await until("it to say something", async () => (await count("n_decode_total")) > 100);
    const before = await count("n_decode_total");
    await until("it to say more", async () => (await count("n_decode_total")) > before + 100);
    expect(await count("tokens_predicted_total")).toBe(0);
    expect([answer.status, await count("requests_processing")]).toEqual([200, 1]);
    leave.abort();
    await until("the answer to be over", async () => (await count("requests_processing")) === 0);
    expect(await count("tokens_predicted_total")).toBeGreaterThan(200);
  });
});

describeLlama("the engine's end", () => {
  test("a signal ends it, with nothing to complain of, and frees its port", async () => {
    const engine = await startLlamaServer();
    expect(await engine.end("SIGTERM")).toBe(0);
    expect(await fetch(`${engine.url}/health`).catch(() => "gone")).toBe("gone");
    await engine.stop();
  });

  test("a model that is not there ends it, and its output names it", async () => {
    await expect(startLlamaServer(["--model", "nowhere.gguf"])).rejects.toThrow(/It ended with 1:[\s\S]*nowhere\.gguf/);
  });
});
