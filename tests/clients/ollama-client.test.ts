import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type ChatResponse, type Message, Ollama, type Tool } from "ollama";
import type { Answer } from "../fakes/upstream/answers/answer.ts";
import { failing } from "../fakes/upstream/behaviours.ts";
import { type House, KINDS, openHouse, SLASHED } from "./house.ts";

/** The official JavaScript client, unmodified, before upstreams of every kind. */
let house: House;
let client: Ollama;
beforeAll(async () => {
  house = await openHouse();
  client = new Ollama({ host: house.box.url, headers: { authorization: "Bearer sb-test" } });
});
afterEach(() => house.play());
afterAll(() => house.stop());

const messages: Message[] = [{ role: "user", content: "How warm is it?" }];
const TOOL: Tool = {
  type: "function",
  function: { name: "get_weather", description: "The weather now", parameters: { type: "object", properties: { city: { type: "string" } } } },
};

describe.each([...KINDS])("%s", (model) => {
  const answer: Answer = { text: "It is warm today.", usage: { input: 7, output: 4 } };

  test("chat, whole", async () => {
    house.play({ answer });
    const said = await client.chat({ model, messages });
    expect(said.message).toMatchObject({ role: "assistant", content: "It is warm today." });
    expect(said).toMatchObject({ done: true, done_reason: "stop", prompt_eval_count: 7, eval_count: 4 });
  });

  test("chat, streamed", async () => {
    house.play({ answer });
    const parts: ChatResponse[] = [];
    for await (const part of await client.chat({ model, messages, stream: true })) parts.push(part);
    expect(parts.map((part) => part.message.content).join("")).toBe("It is warm today.");
    expect(parts.map((part) => part.done)).toEqual([...parts.slice(1).map(() => false), true]);
  });

  test.each([true, false])("tools, there and back, streamed: %p", async (stream) => {
    house.play([{ answer: { toolCalls: [{ name: "get_weather", arguments: { city: "Omsk" } }] } }, { answer: { text: "Cold." } }]);
    const history = [...messages];
    const said: Message[] = [];
    if (stream) for await (const part of await client.chat({ model, messages: history, tools: [TOOL], stream })) said.push(part.message);
    else said.push((await client.chat({ model, messages: history, tools: [TOOL] })).message);
    const called = said.find((message) => message.tool_calls !== undefined);
    expect(called?.tool_calls?.map((call) => call.function)).toMatchObject([{ name: "get_weather", arguments: { city: "Omsk" } }]);
    history.push(called as Message, { role: "tool", tool_name: "get_weather", content: "-30 °C" });
    const last = await client.chat({ model, messages: history, tools: [TOOL] });
    expect(last.message.content).toBe("Cold.");
    expect((await house.fake.request(1)).text).toContain("-30 °C");
  });

  test("generate, whole and streamed", async () => {
    house.play({ answer });
    expect((await client.generate({ model, prompt: "How warm?" })).response).toBe("It is warm today.");
    let text = "";
    for await (const part of await client.generate({ model, prompt: "How warm?", stream: true })) text += part.response;
    expect(text).toBe("It is warm today.");
  });

  test("a failure in the answer is thrown", async () => {
    house.play({ answer: { text: ["a", "b", "c"] }, errorFrame: { afterFrames: model === "anthropic" ? 4 : 2 } });
    const reading = async () => {
      for await (const _part of await client.chat({ model, messages, stream: true }));
    };
    await expect(reading()).rejects.toThrow("The fake broke");
  });

  test("one before it too, with its status", async () => {
    house.play(() => failing(429));
    await expect(client.chat({ model, messages })).rejects.toMatchObject({ status_code: 429 });
  });

  test("loading and putting away", async () => {
    expect(await client.chat({ model, messages: [] })).toMatchObject({ done: true, done_reason: "load" });
    expect(await client.generate({ model, prompt: "", keep_alive: 0 })).toMatchObject({ done: true, done_reason: "unload" });
    expect(house.fake.seen).toHaveLength(0);
  });
});

test("pictures", async () => {
  await client.chat({ model: "anthropic", messages: [{ role: "user", content: "See", images: [new Uint8Array([0x47, 0x49, 0x46, 0x38, 0x39, 0x61])] }] });
  expect((await house.fake.request(0)).text).toContain('"media_type":"image/gif","data":"R0lGODlh"');
});

test.each(["openai", "gemini", "ollama"])("vectors of %s", async (model) => {
  const { embeddings } = await client.embed({ model, input: ["a", "b"] });
  expect([embeddings.length, embeddings[0]?.length]).toEqual([2, 8]);
  expect((await client.embeddings({ model, prompt: "a" })).embedding).toEqual(embeddings[0] as number[]);
});

describe("models", () => {
  test("are listed, shown and pulled by the names listed", async () => {
    const { models } = await client.list();
    expect(models.map(({ name }) => name)).toEqual([...KINDS, SLASHED].map((name) => `${name}:latest`));
    for (const { name } of models) {
      expect((await client.show({ model: name })).capabilities).toContain("completion");
      expect(await client.pull({ model: name })).toEqual({ status: "success" } as never);
    }
    for await (const part of await client.pull({ model: SLASHED, stream: true })) expect(part.status).toBe("success");
    expect((await client.ps()).models).toEqual([]);
    expect((await client.version()).version).toMatch(/^0\./);
  });

  test("are not the client's to change", async () => {
    await expect(client.delete({ model: "openai" })).rejects.toMatchObject({ status_code: 403 });
    await expect(client.copy({ source: "openai", destination: "mine" })).rejects.toMatchObject({ status_code: 403 });
    await expect(client.create({ model: "mine", from: "openai" })).rejects.toMatchObject({ status_code: 403 });
    await expect(client.show({ model: "nobody" })).rejects.toMatchObject({ status_code: 404 });
  });
});
