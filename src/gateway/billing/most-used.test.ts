import { describe, expect, test } from "bun:test";
import { readMessagesCall } from "../../dialects/anthropic-messages/inbound/read/call.ts";
import { readChatCall } from "../../dialects/openai-chat/read-call.ts";
import { RERANK, SPEECH, TRANSCRIPTIONS } from "../../dialects/openai-relay/relays.ts";
import { incoming } from "../../dialects/shared/incoming.fixture.ts";
import type { ChatCall, DialectName } from "../../vocabulary/dialect.ts";
import type { RelayCall } from "../asking/relay-call.ts";
import { mostPromptTokens, mostTokens } from "./most-tokens.ts";
import { mostOfChat, mostOfRelay } from "./most-used.ts";

describe("the most tokens of a text", () => {
  test.each<[text: string, most: number]>([
    ["", 0],
    ["hello there", 6],
    ["1,2,3", 5],
    ["привет", 6],
    ["你好", 4],
    ["🙂", 4],
    ["a", 1],
  ])("%p has %p", (text, most) => expect(mostTokens(text)).toBe(most));
});

const chat = (body: object) => readChatCall(incoming(JSON.stringify({ model: "m", messages: [{ role: "user", content: "hi" }], ...body })));
const inDialect = (dialect: DialectName, body: object): ChatCall => ({ ...chat(body), dialect });

describe("the most tokens of an answer", () => {
  test.each<[name: string, dialect: DialectName, body: object, tokens: number, certain: boolean]>([
    ["as bounded", "openai-chat", { max_tokens: 5 }, 5, true],
    ["the larger of two bounds", "openai-chat", { max_tokens: 9, max_completion_tokens: 5 }, 9, true],
    ["of a response", "openai-responses", { max_output_tokens: 5 }, 5, true],
    ["of Anthropic's", "anthropic-messages", { max_tokens: 5, n: 7 }, 5, true],
    ["of Gemini's", "gemini", { generationConfig: { maxOutputTokens: 5, candidateCount: 2 } }, 10, true],
    ["of Ollama's", "ollama", { options: { num_predict: 5 } }, 5, true],
    ["for each alternative", "openai-chat", { max_tokens: 5, n: 3 }, 15, true],
    ["for each prompt, and the best of each", "openai-completions", { max_tokens: 5, best_of: 2, prompt: ["a", "b", "c"] }, 30, true],
    ["of a prompt in token ids", "openai-completions", { max_tokens: 5, prompt: [1, 2, 3] }, 5, true],
    ["assumed where nobody bounds it", "openai-chat", {}, 1000, false],
    ["assumed where the bound is none", "ollama", { options: { num_predict: -1 } }, 1000, false],
    ["assumed for each alternative", "openai-chat", { n: 2 }, 2000, false],
    ["assumed where the bound is in another dialect's words", "ollama", { max_tokens: 1 }, 1000, false],
    ["assumed where Gemini would not look", "gemini", { max_tokens: 1, generationConfig: {} }, 1000, false],
    ["assumed where chats are not bounded", "openai-chat", { max_output_tokens: 1 }, 1000, false],
  ])("%s: %s", (_name, dialect, body, tokens, certain) => {
    const { most, certain: sure } = mostOfChat(inDialect(dialect, body), 1000);
    expect([most.outputTokens, sure]).toEqual([tokens, certain]);
  });

  test("of a response on the chat's route", () => {
    const call = readChatCall(incoming(JSON.stringify({ model: "m", input: "hi", max_output_tokens: 5 })));
    expect(mostOfChat(call, 1000)).toMatchObject({ most: { outputTokens: 5 }, certain: true });
  });
});

describe("the most tokens of a prompt", () => {
  const picture = `data:image/png;base64,${"A".repeat(100_000)}`;

  test("are those of the whole body, where it is text", () => {
    const call = chat({});
    expect(mostPromptTokens(call)).toBe(mostTokens(call.text));
  });

  test("count a picture as one, not by its bytes, in any dialect", () => {
    const parts = chat({ messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: picture } }] }] });
    expect(mostPromptTokens(parts)).toBeWithin(6_500, 7_000);
    const source = { type: "base64", media_type: "image/png", data: "A".repeat(100_000) };
    const message = readMessagesCall(
      incoming(JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content: [{ type: "image", source }] }] })),
    );
    expect(mostPromptTokens(message)).toBeWithin(6_500, 7_000);
  });

  test("leave room for what providers say about tools", () => {
    const tools = [{ type: "function", function: { name: "f", parameters: { type: "object" } } }];
    expect(mostPromptTokens(chat({ tools }))).toBeGreaterThan(mostPromptTokens(chat({})) + 800);
  });
});

describe("of what is passed on", () => {
  const relay = (of: RelayCall["relay"], json: Record<string, string | string[]>): RelayCall => ({
    relay: of,
    model: "m",
    stream: false,
    request: { model: "m", stream: false, text: JSON.stringify(json), json },
    write: () => {
      throw new Error("nobody sends it");
    },
  });

  test("a reranker reads the query with every document, and searches a hundred at a time", () => {
    const documents = Array.from({ length: 150 }, () => "one");
    const { most: used } = mostOfRelay(relay(RERANK, { query: "two", documents }));
    expect(used.searches).toBe(2);
    expect(used.inputTokens).toBeGreaterThan(150 * mostTokens('"two"'));
  });

  test("speech is counted in characters", () => {
    expect(mostOfRelay(relay(SPEECH, { input: "héllo 🙂" })).most.characters).toBe(7);
  });

  test("what is heard is bounded by its bytes, and not for certain", () => {
    const { request: _none, ...form } = relay(TRANSCRIPTIONS, {});
    expect(mostOfRelay({ ...form, size: 32_000 })).toMatchObject({ most: { milliseconds: 16_000 }, certain: false });
  });
});
