import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import OpenAI from "openai";
import { zodFunction } from "openai/helpers/zod";
import type { ParsedChatCompletion } from "openai/resources/chat/completions";
import { z } from "zod";
import type { Answer } from "../fakes/upstream/answers/answer.ts";
import { type House, KINDS, openHouse } from "./house.ts";

/** OpenAI's client and tools: its own loop (`runTools`), the same by hand, arguments that arrive in pieces. */
let house: House;
let client: OpenAI;
beforeAll(async () => {
  house = await openHouse();
  client = new OpenAI({ baseURL: house.baseURL, apiKey: "sb-test" });
});
afterAll(() => house.stop());

const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: "How warm is it in Paris and in Omsk?" }];
const parameters = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };
const weather: OpenAI.ChatCompletionTool = { type: "function", function: { name: "get_weather", description: "The weather now", parameters } };
const ASKS: Answer = {
  toolCalls: [
    { name: "get_weather", arguments: { city: "Paris, the capital of France" } },
    { name: "get_weather", arguments: { city: "Omsk" } },
  ],
};
const CONCLUDES: Answer = { text: "21 in Paris, -9 in Omsk." };
const cityOf = (text: string) => (JSON.parse(text) as { city: string }).city;

/** The functions an answer calls. */
const functionsOf = (answer: ParsedChatCompletion<unknown>) =>
  (answer.choices[0]?.message.tool_calls ?? []).flatMap((call) => (call.type === "function" ? [call.function] : []));

/** What `runTools` calls. */
function tool(asked: string[]) {
  const function_ = {
    name: "get_weather",
    description: "The weather now",
    parameters,
    parse: (text: string) => ({ city: cityOf(text) }),
    function: ({ city }: { city: string }) => {
      asked.push(city);
      return city === "Omsk" ? "minus nine" : "twenty-one";
    },
  };
  return { type: "function", function: function_ } as const;
}

for (const kind of KINDS) {
  describe(kind, () => {
    for (const interleaved of [false, true]) {
      test(`runTools, streamed, two calls at once${interleaved ? ", their arguments in turns" : ""}`, async () => {
        house.play([{ answer: { ...ASKS, interleaved } }, { answer: CONCLUDES }]);
        const asked: string[] = [];
        const runner = client.chat.completions.runTools({ model: kind, messages, stream: true, tools: [tool(asked)] });
        expect(await runner.finalContent()).toBe("21 in Paris, -9 in Omsk.");
        expect(asked.toSorted()).toEqual(["Omsk", "Paris, the capital of France"]);
        expect(house.fake.seen).toHaveLength(2);
        expect(house.fake.seen[1]?.text).toMatch(/twenty-one.*minus nine/);
      });
    }

    test("runTools, whole", async () => {
      house.play([{ answer: ASKS }, { answer: CONCLUDES }]);
      const asked: string[] = [];
      const runner = client.chat.completions.runTools({ model: kind, messages, tools: [tool(asked)] });
      expect(await runner.finalContent()).toBe("21 in Paris, -9 in Omsk.");
      expect(asked).toEqual(["Paris, the capital of France", "Omsk"]);
      expect(house.fake.seen[1]?.text).toMatch(/twenty-one.*minus nine/);
    });

    test("by hand: the calls of the answer go back with one result each", async () => {
      house.play([{ answer: ASKS }, { answer: CONCLUDES }]);
      const first = await client.chat.completions.create({ model: kind, messages, tools: [weather], parallel_tool_calls: true });
      const choice = first.choices[0];
      const calls = (choice?.message.tool_calls ?? []).filter((call) => call.type === "function");
      expect(choice?.finish_reason).toBe("tool_calls");
      expect(calls.map((call) => [call.function.name, cityOf(call.function.arguments)])).toEqual([
        ["get_weather", "Paris, the capital of France"],
        ["get_weather", "Omsk"],
      ]);
      expect(new Set(calls.map((call) => call.id)).size).toBe(2);
      const results = calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: `warm in ${cityOf(call.function.arguments)}` }) as const);
      const before: OpenAI.ChatCompletionMessageParam = { role: "assistant", tool_calls: calls };
      const second = await client.chat.completions.create({ model: kind, messages: [...messages, before, ...results], tools: [weather] });
      expect(second.choices[0]?.message.content).toBe("21 in Paris, -9 in Omsk.");
      expect(house.fake.seen[1]?.text).toMatch(/warm in Paris.*warm in Omsk/);
    });

    test("the stream helper puts arguments together and parses them by a zod tool", async () => {
      house.play({ answer: ASKS });
      const tools = [zodFunction({ name: "get_weather", parameters: z.object({ city: z.string() }) })];
      const runner = client.chat.completions.stream({ model: kind, messages, tools });
      const done: unknown[] = [];
      runner.on("tool_calls.function.arguments.done", (call) => done.push(call.parsed_arguments));
      const whole = await runner.finalChatCompletion();
      expect(done).toEqual([{ city: "Paris, the capital of France" }, { city: "Omsk" }]);
      expect(whole.choices[0]?.finish_reason).toBe("tool_calls");
      expect(functionsOf(whole).map((call) => call.parsed_arguments)).toEqual(done);
    });

    test("a tool without arguments", async () => {
      house.play({ answer: { toolCalls: [{ name: "now", arguments: {} }] } });
      const now: OpenAI.ChatCompletionTool = { type: "function", function: { name: "now" } };
      const whole = await client.chat.completions.stream({ model: kind, messages, tools: [now] }).finalChatCompletion();
      expect(functionsOf(whole).map((call) => [call.name, JSON.parse(call.arguments)])).toEqual([["now", {}]]);
    });

    test("text before the calls stays text", async () => {
      house.play({ answer: { text: "Let me look.", ...ASKS } });
      const whole = await client.chat.completions.stream({ model: kind, messages, tools: [weather] }).finalChatCompletion();
      expect(whole.choices[0]?.message.content).toBe("Let me look.");
      expect(whole.choices[0]?.message.tool_calls).toHaveLength(2);
    });
  });
}
