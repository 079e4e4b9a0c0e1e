import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { generateText, type LanguageModel, stepCountIs, streamText, tool } from "ai";
import OpenAI from "openai";
import { z } from "zod";
import { listOf, objectOf } from "../../src/vocabulary/json.ts";
import type { Answer } from "../fakes/upstream/answers/answer.ts";
import { type House, openHouse } from "./house.ts";

/**
 * Models that sign their thinking want it back with the tool calls it led to. Some clients bring it, most drop it; what reaches the
 * upstream must be the same.
 */
let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.stop());

/** A call that cannot be confused with one of another test: what is kept is found by its name and arguments. */
let calls = 0;
const asks = (): Answer => ({
  thinking: "The user wants the weather.",
  signature: `c2lnbmVk${calls}`,
  toolCalls: [
    { name: "get_weather", arguments: { city: `Paris ${calls++}` } },
    { name: "get_weather", arguments: { city: "Omsk" } },
  ],
});
const CONCLUDES: Answer = { text: "Warm and cold." };

type Loop = (model: string, streamed: boolean) => Promise<string>;
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const TOOL: OpenAI.ChatCompletionFunctionTool = { type: "function", function: { name: "get_weather", description: "The weather now", parameters } };

/** openai-node by hand, with nothing but calls and results going back. */
const byHand: Loop = async (model, streamed) => {
  const client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test" });
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "How warm is it?" }];
  const ask = { model, messages, tools: [TOOL], reasoning_effort: "medium" as const, max_tokens: 8000 };
  const first = streamed ? await client.chat.completions.stream(ask).finalChatCompletion() : await client.chat.completions.create(ask);
  const made = (first.choices[0]?.message.tool_calls ?? []).filter((call) => call.type === "function");
  const tool_calls = made.map((call) => ({
    id: call.id,
    type: "function" as const,
    function: { name: call.function.name, arguments: call.function.arguments },
  }));
  const results = made.map((call) => ({ role: "tool" as const, tool_call_id: call.id, content: "mild" }));
  const second = await client.chat.completions.create({ ...ask, messages: [...messages, { role: "assistant", content: null, tool_calls }, ...results] });
  return second.choices[0]?.message.content ?? "";
};

/** openai-node's own loop, which sends the whole message back: thinking without its signature. */
const runTools: Loop = async (model, streamed) => {
  const client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test" });
  const parse = (text: string) => JSON.parse(text) as { city: string };
  const runnable = { type: "function" as const, function: { name: "get_weather", description: "The weather now", parameters, parse, function: () => "mild" } };
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "How warm is it?" }];
  const given = { model, messages, tools: [runnable], reasoning_effort: "medium" as const, max_tokens: 8000 };
  const runner = streamed ? client.chat.completions.runTools({ ...given, stream: true }) : client.chat.completions.runTools(given);
  return (await runner.finalContent()) ?? "";
};

const viaSdk =
  (model: (name: string) => LanguageModel, providerOptions: Parameters<typeof generateText>[0]["providerOptions"]): Loop =>
  async (name, streamed) => {
    const tools = { get_weather: tool({ inputSchema: z.object({ city: z.string() }), execute: () => "mild" }) };
    const given = { model: model(name), prompt: "How warm is it?", tools, stopWhen: stepCountIs(3), maxOutputTokens: 8000, providerOptions };
    return streamed ? await streamText(given).text : (await generateText(given)).text;
  };

/** What the SDK last sent. */
let sent = "";
const listening = Object.assign(
  (url: Parameters<typeof fetch>[0], init?: RequestInit) => {
    sent = String(init?.body);
    return fetch(url, init);
  },
  { preconnect: fetch.preconnect },
);
const compatible = (name: string) => createOpenAICompatible({ name, baseURL: house.baseURL, apiKey: "sb-test", fetch: listening });

const LOOPS: Readonly<Record<string, Loop>> = {
  "openai-node by hand": byHand,
  "openai-node's runTools": runTools,
  "@ai-sdk/openai": viaSdk((name) => createOpenAI({ baseURL: house.baseURL, apiKey: "sb-test" }).chat(name), {
    openai: { reasoningEffort: "medium", forceReasoning: true },
  }),
  "@ai-sdk/openai-compatible": viaSdk((name) => compatible("box")(name), { box: { reasoningEffort: "medium" } }),
  // Under this name it knows Google's `extra_content` and brings it back.
  "@ai-sdk/openai-compatible, called google": viaSdk((name) => compatible("google")(name), { google: { reasoningEffort: "medium" } }),
};

for (const [name, loop] of Object.entries(LOOPS)) {
  for (const streamed of [false, true]) {
    describe(`${name}, ${streamed ? "streamed" : "whole"}`, () => {
      test("Claude gets its signed thinking first in the turn, and goes on thinking", async () => {
        const answer = asks();
        house.play([{ answer }, { answer: CONCLUDES }]);
        expect(await loop("anthropic", streamed)).toBe("Warm and cold.");
        expect(house.fake.seen.map((seen) => objectOf(objectOf(seen.json)["thinking"])["type"])).toEqual(["enabled", "enabled"]);
        const turn = objectOf(listOf(objectOf(house.fake.seen[1]?.json)["messages"])[1]);
        const content = listOf(turn["content"]).map(objectOf);
        expect(turn["role"]).toBe("assistant");
        expect(content[0]).toEqual({ type: "thinking", thinking: "The user wants the weather.", signature: answer.signature });
        expect(content.map((block) => block["type"])).toEqual(["thinking", "tool_use", "tool_use"]);
        const results = objectOf(listOf(objectOf(house.fake.seen[1]?.json)["messages"])[2]);
        expect(listOf(results["content"]).map((block) => objectOf(block)["tool_use_id"])).toEqual(content.slice(1).map((block) => block["id"]));
      });

      test("OpenAI gets its encrypted reasoning back before the calls it led to", async () => {
        const answer = asks();
        house.play([{ answer }, { answer: CONCLUDES }]);
        expect(await loop("responses", streamed)).toBe("Warm and cold.");
        const input = listOf(objectOf(house.fake.seen[1]?.json)["input"]).map(objectOf);
        const types = ["reasoning", "function_call", "function_call", "function_call_output", "function_call_output"];
        expect(input.slice(1).map((item) => item["type"])).toEqual(types);
        const summary = [{ type: "summary_text", text: "The user wants the weather." }];
        expect(input[1]).toEqual({ type: "reasoning", id: "rs_fake_0", summary, encrypted_content: answer.signature });
        expect(input.slice(4).map((item) => item["call_id"])).toEqual(input.slice(2, 4).map((item) => item["call_id"]));
      });

      test("Gemini gets its thought signature back on the first call of the turn", async () => {
        const answer = asks();
        house.play([{ answer }, { answer: CONCLUDES }]);
        expect(await loop("gemini", streamed)).toBe("Warm and cold.");
        const turn = objectOf(listOf(objectOf(house.fake.seen[1]?.json)["contents"])[1]);
        const parts = listOf(turn["parts"])
          .map(objectOf)
          .filter((part) => part["functionCall"] !== undefined);
        expect(turn["role"]).toBe("model");
        expect(parts.map((part) => part["thoughtSignature"])).toEqual([answer.signature, undefined]);
        if (name.endsWith("google")) expect(sent).toContain(`"extra_content":{"google":{"thought_signature":"${answer.signature}"}}`);
      });
    });
  }
}

test("a client that echoes extra_content by itself is believed, even when the gateway remembers nothing", async () => {
  house.play({ answer: CONCLUDES });
  const client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test" });
  const call = { id: "call_unheard_of", type: "function" as const, function: { name: "get_weather", arguments: '{"city":"Rome"}' } };
  const echoed = { ...call, extra_content: { google: { thought_signature: "YnJvdWdodA" } } };
  await client.chat.completions.create({
    model: "gemini",
    tools: [TOOL],
    messages: [
      { role: "user", content: "How warm is it?" },
      { role: "assistant", tool_calls: [echoed] },
      { role: "tool", tool_call_id: call.id, content: "mild" },
    ],
  });
  expect(house.fake.seen[0]?.text).toContain('"thoughtSignature":"YnJvdWdodA"');
});
