import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import { KINDS, openResponsesHouse, type ResponsesHouse } from "./house.ts";

/** Cursor's bodies: a Response's, sent to the chat route, answered as a chat. */
let house: ResponsesHouse;
beforeAll(async () => {
  house = await openResponsesHouse();
});
afterAll(async () => {
  expect(house.box.complaints).toEqual([]);
  await house.stop();
});

const BODY = {
  input: [
    { role: "system", content: "You are Cursor." },
    { role: "user", content: [{ type: "input_text", text: "hi" }] },
  ],
  include: ["reasoning.encrypted_content"],
  reasoning: { effort: "medium", summary: "auto" },
  text: { verbosity: "low" },
  store: false,
  stream_options: { include_usage: true },
  tools: [{ type: "function", name: "look", parameters: { type: "object", properties: {} } }],
};
const post = async (body: JsonObject, script: object) => {
  house.fake.forget();
  house.fake.play(script);
  return house.box.post("/v1/chat/completions", body);
};
const chunksOf = (raw: string) => raw.split("\n\n").flatMap((frame) => (frame.startsWith("data: {") ? [objectOf(parseJson(frame.slice(6)))] : []));

for (const kind of KINDS) {
  describe(kind, () => {
    test("chunks, with usage as asked, and the calls as a chat has them", async () => {
      const answer = { text: "Let me look.", toolCalls: [{ name: "look", arguments: { a: 1 } }], usage: { input: 5, output: 3 } };
      const response = await post({ ...BODY, model: kind, stream: true }, { answer });
      const raw = await response.text();
      const chunks = chunksOf(raw);
      expect([response.status, raw.endsWith("data: [DONE]\n\n"), raw.includes("event:")]).toEqual([200, true, false]);
      expect(chunks.every((chunk) => chunk["object"] === "chat.completion.chunk")).toBe(true);
      const deltas = chunks.flatMap((chunk) => listOf(chunk["choices"])).map((choice) => objectOf(objectOf(choice)["delta"]));
      expect(deltas.map((delta) => delta["content"] ?? "").join("")).toBe("Let me look.");
      const calls = deltas.flatMap((delta) => listOf(delta["tool_calls"])).map((call) => objectOf(objectOf(call)["function"]));
      expect([calls[0]?.["name"], calls.map((call) => call["arguments"]).join("")]).toEqual(["look", '{"a":1}']);
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 8 } });
      const asked = house.fake.seen[0]?.text ?? "";
      expect([asked.includes("You are Cursor."), asked.includes('"input"'), asked.includes('include"')]).toEqual([true, false, false]);
    });

    test("a whole one", async () => {
      const { stream_options: _, ...body } = BODY;
      const response = await post({ ...body, model: kind }, { answer: { text: "hello" } });
      expect(objectOf(await response.json())).toMatchObject({ object: "chat.completion", choices: [{ message: { role: "assistant", content: "hello" } }] });
    });
  });
}

test("usage is not told to whoever did not ask", async () => {
  const { stream_options: _, ...body } = BODY;
  const chunks = chunksOf(await (await post({ ...body, model: "openai", stream: true }, { answer: { text: "hello" } })).text());
  expect(chunks.filter((chunk) => chunk["usage"] !== undefined && chunk["usage"] !== null)).toEqual([]);
});

test("with messages a chat is a chat, whatever else it holds; with neither it is told of messages", async () => {
  const chat = await post({ model: "openai", messages: [{ role: "user", content: "hi" }], input: "hi" }, {});
  expect([chat.status, house.fake.seen[0]?.text.includes('"input"')]).toEqual([200, true]);
  const neither = await post({ model: "openai" }, {});
  expect(objectOf(objectOf(await neither.json())["error"])["param"]).toBe("messages");
});

test("what is wrong with it is said in its own words", async () => {
  const response = await post({ model: "anthropic", input: [{ role: "user", content: [{ type: "x" }] }] }, {});
  expect(objectOf(objectOf(await response.json())["error"])["param"]).toBe("input[0].content[0].type");
});
