import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import type { Answer } from "../../fakes/upstream/answers/answer.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { type HeardMessage, hearMessage, hearMessageStream } from "../hearers/anthropic-messages.ts";

/** Clients of Anthropic's Messages before every kind of upstream: what they are told must be in Anthropic's order whoever answers. */
const MODELS = {
  openai: "gpt-5",
  anthropic: "claude-sonnet-4-5",
  gemini: "gemini-3-pro-preview",
  ollama: "qwen3",
  vllm: "meta-llama/Llama-3.1-8B-Instruct",
} as const;
type Kind = keyof typeof MODELS;
const KINDS = Object.keys(MODELS) as Kind[];
/** OpenAI's models that think are asked in Responses, which tests of their own look at; these look at its chats. */
const CHAT = { dialect: "openai-chat" } as const;
const TRANSLATED = KINDS.filter((kind) => kind !== "anthropic");

let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: Object.fromEntries(KINDS.map((kind) => [kind, [{ kind, url: fake.url, model: MODELS[kind], profile: kind === "openai" ? CHAT : {} }]])),
    policy: { comment: 50 },
  });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const tool = (name: string): JsonObject => ({ name, description: name, input_schema: { type: "object", properties: { city: { type: "string" } } } });
const TOOLS = [tool("weather"), tool("time")];
const HI = [{ role: "user", content: "hi" }];

async function ask(model: Kind, stream: boolean, answer: Answer | undefined, more: JsonObject = {}): Promise<HeardMessage> {
  fake.forget();
  fake.play(answer === undefined ? {} : { answer });
  const response = await box.post("/v1/messages", { model, max_tokens: 2000, messages: HI, stream, ...more });
  const text = await response.text();
  expect([response.status, response.headers.get("content-type")]).toEqual([200, stream ? "text/event-stream; charset=utf-8" : "application/json"]);
  expect(response.headers.get("request-id")).toBe(response.headers.get("x-request-id"));
  const heard = stream ? hearMessageStream(text) : hearMessage(text);
  expect(heard.problems).toEqual([]);
  return heard;
}

for (const kind of KINDS) {
  for (const stream of [true, false]) {
    describe(`${kind}, ${stream ? "streamed" : "whole"}`, () => {
      test("text and usage", async () => {
        const usage = { input: 11, cacheRead: kind === "ollama" ? 0 : 4, output: 7 };
        const heard = await ask(kind, stream, { text: "Grüße, 世界 👋", usage });
        expect([heard.text, heard.finish]).toEqual(["Grüße, 世界 👋", "end_turn"]);
        expect(heard.usage).toMatchObject({ input_tokens: 11, cache_read_input_tokens: usage.cacheRead, output_tokens: 7 });
        const record = await box.record(box.records.length - 1);
        expect([record.dialect, record.operation, record.usage?.input, record.usage?.evidence]).toEqual(["anthropic-messages", "chat", 11, "reported"]);
      });

      test("thinking", async () => {
        const heard = await ask(kind, stream, { thinking: "Hm, hm.", signature: "c2ln", text: "So." }, { thinking: { type: "enabled", budget_tokens: 1024 } });
        expect(heard.content[0]).toMatchObject({ type: "thinking", thinking: "Hm, hm.", signature: kind === "anthropic" ? "c2ln" : "" });
        expect(heard.text).toBe("So.");
      });

      test("parallel calls", async () => {
        const toolCalls = [
          { name: "weather", arguments: { city: "Łódź", deep: [1, { a: "}" }] } },
          { name: "time", arguments: {} },
        ];
        const heard = await ask(kind, stream, { text: "Let me see.", toolCalls }, { tools: TOOLS });
        expect(heard.calls).toMatchObject(toolCalls.map((call) => ({ name: call.name, arguments: call.arguments })));
        expect([heard.text, heard.finish]).toEqual(["Let me see.", "tool_use"]);
        const ids = heard.content.flatMap((block) => (block["type"] === "tool_use" ? [block["id"]] : []));
        expect(new Set(ids).size).toBe(2);
      });

      test("the bound", async () => {
        expect((await ask(kind, stream, { text: "cut of", finish: "length" })).finish).toBe("max_tokens");
      });

      // Ollama has no word for one.
      if (kind !== "ollama")
        test("a refusal", async () => {
          const heard = await ask(kind, stream, { refusal: "I cannot help with that." });
          expect([heard.finish, heard.content.every((block) => block["type"] === "text")]).toEqual(["refusal", true]);
        });

      test("an answer without a word", async () => {
        const heard = await ask(kind, stream, { text: "" });
        expect([heard.text, heard.finish]).toEqual(["", "end_turn"]);
      });
    });
  }
}

describe("usage nobody reported is counted, for the client too", () => {
  test.each(TRANSLATED)("%s", async (kind) => {
    for (const stream of [true, false]) {
      const heard = await ask(kind, stream, { text: "12345678", usage: false });
      expect(heard.usage).toMatchObject({ output_tokens: 2 });
      expect((await box.record(box.records.length - 1)).usage).toMatchObject({ output: 2, evidence: "counted", input: heard.usage?.["input_tokens"] });
    }
  });
});

describe("calls whose arguments take turns", () => {
  test.each(TRANSLATED)("%s", async (kind) => {
    const toolCalls = ["Paris, the capital of France", "Omsk"].map((city) => ({ name: "weather", arguments: { city, unit: "celsius" } }));
    const heard = await ask(kind, true, { toolCalls, interleaved: true }, { tools: TOOLS });
    expect(heard.calls).toMatchObject(toolCalls.map((call) => ({ name: call.name, arguments: call.arguments })));
  });
});

describe("thinking the client does not want to read", () => {
  test.each(TRANSLATED)("%s", async (kind) => {
    for (const stream of [true, false]) {
      const heard = await ask(kind, stream, { thinking: "Hm.", text: "So." }, { thinking: { type: "adaptive", display: "omitted" } });
      expect(heard.content).toEqual([{ type: "text", text: "So." }]);
    }
  });
});

describe("a round of tools", () => {
  test.each(KINDS)("%s: calls go back with their results, in words its model knows", async (kind) => {
    const first = await ask(
      kind,
      true,
      {
        thinking: "Hm.",
        signature: "c2lnbmVk",
        toolCalls: [
          { name: "weather", arguments: { city: "Paris" } },
          { name: "time", arguments: {} },
        ],
      },
      { tools: TOOLS, thinking: { type: "enabled", budget_tokens: 1024 } },
    );
    const calls = first.content.filter((block) => block["type"] === "tool_use");
    const results = calls.map(({ id, name }) => ({ type: "tool_result", tool_use_id: id, content: [{ type: "text", text: `${name}: fine` }] }));
    const messages = [
      ...HI,
      { role: "assistant", content: first.content as JsonObject[] },
      { role: "user", content: [...results, { type: "text", text: "And?" }] },
    ];
    const second = await ask(kind, true, { text: "All fine." }, { tools: TOOLS, messages });
    expect(second.text).toBe("All fine.");
    const sent = fake.seen[0]?.text ?? "";
    expect(sent).toMatch(/weather: fine.*time: fine.*And\?/s);
    // Whoever signs thinking gets it back: Claude from the client, Gemini from our own memory, for there is no place for it in a message.
    expect(sent.includes("c2lnbmVk")).toBe(kind === "anthropic" || kind === "gemini");
    if (kind === "openai" || kind === "vllm") {
      const roles = listOf(objectOf(fake.seen[0]?.json)["messages"]).map((message) => objectOf(message)["role"]);
      expect(roles).toEqual(["user", "assistant", "tool", "tool", "user"]);
    }
  });

  test.each(KINDS)("%s: a picture in a result reaches the model", async (kind) => {
    const PNG = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } };
    const messages = [
      ...HI,
      { role: "assistant", content: [{ type: "tool_use", id: "toolu_1", name: "weather", input: {} }] },
      { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "text", text: "see" }, PNG] }] },
    ];
    const heard = await ask(kind, false, { text: "Seen." }, { tools: TOOLS, messages });
    expect([heard.text, fake.seen[0]?.text.includes("iVBORw0KGgo=")]).toEqual(["Seen.", true]);
  });
});

describe("pings while the upstream is silent", () => {
  test.each(KINDS)("%s", async (kind) => {
    fake.play({ answer: { text: "late" }, delayFirst: 400 });
    const slow = startBox({
      models: { [kind]: [{ kind, url: fake.url, model: MODELS[kind], profile: kind === "openai" ? CHAT : {} }] },
      policy: { holdStatus: 20, comment: 50 },
    });
    const response = await slow.post("/v1/messages", { model: kind, max_tokens: 9, stream: true, messages: HI });
    const text = await response.text();
    await slow.stop();
    expect(text).toStartWith('event: ping\ndata: {"type": "ping"}\n\n');
    const heard = hearMessageStream(text);
    expect([heard.problems, heard.text]).toEqual([[], "late"]);
  });
});

test("both paths, and a query nobody needs", async () => {
  fake.play({ answer: { text: "here" } });
  for (const path of ["/v1/messages?beta=true", "/messages", "/v1/messages/"]) {
    const response = await box.post(path, { model: "openai", max_tokens: 9, messages: HI });
    expect([path, hearMessage(await response.text()).text]).toEqual([path, "here"]);
  }
});

test("Claude Code's warm-up is answered without a key, and leaves no row", async () => {
  const before = box.records.length;
  const response = await fetch(`${box.url}/api/hello`, { method: "HEAD" });
  expect([response.status, await response.text()]).toEqual([200, ""]);
  expect((await box.record(before)).operation).toBe("other");
});
