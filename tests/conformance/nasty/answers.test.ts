import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf, parseJson } from "../../../src/vocabulary/json.ts";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** The nasty cases of answers, end to end: what an upstream says, and what a chat client then reads. */
let fake: FakeUpstream;
let box: TestBox;
const KINDS = { openai: "gpt-4o", anthropic: "claude-sonnet-4-5", gemini: "gemini-2.5-flash", ollama: "llama3.2", vllm: "qwen" } as const;
const kinds = Object.keys(KINDS) as (keyof typeof KINDS)[];
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({ models: Object.fromEntries(kinds.map((kind) => [kind, [{ kind, url: fake.url, model: KINDS[kind] }]])) });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

/** A stream as its client reads it: every chunk, and what they say together. */
async function streamed(model: string, behaviour: Behaviour, more: object = {}): Promise<{ chunks: JsonObject[]; text: string; raw: string }> {
  fake.play(behaviour);
  const response = await box.post("/v1/chat/completions", { model, stream: true, messages: [{ role: "user", content: "hi" }], ...more });
  const raw = await response.text();
  const chunks = raw
    .split("\n\n")
    .filter((frame) => frame.startsWith("data: {"))
    .map((frame) => objectOf(parseJson(frame.slice(6))));
  const text = chunks
    .flatMap((chunk) => listOf(chunk["choices"]))
    .map((choice) => String(objectOf(objectOf(choice)["delta"])["content"] ?? ""))
    .join("");
  return { chunks, text, raw };
}
async function whole(model: string, behaviour: Behaviour, more: object = {}): Promise<{ choice: JsonObject; answer: JsonObject }> {
  fake.play(behaviour);
  const answer = objectOf(await (await box.post("/v1/chat/completions", { model, messages: [{ role: "user", content: "hi" }], ...more })).json());
  return { answer, choice: objectOf(listOf(answer["choices"])[0]) };
}
const choicesOf = (chunks: readonly JsonObject[]) => chunks.flatMap((chunk) => listOf(chunk["choices"])).map(objectOf);
const finishOf = (chunks: readonly JsonObject[]) =>
  choicesOf(chunks).flatMap((choice) => (choice["finish_reason"] === null || choice["finish_reason"] === undefined ? [] : [choice["finish_reason"]]));

/** Tool calls put together as a client does: by index, id and name first, arguments in pieces. */
function callsOf(chunks: readonly JsonObject[]): { id: unknown; name: unknown; arguments: string }[] {
  const calls: { id: unknown; name: unknown; arguments: string }[] = [];
  for (const choice of choicesOf(chunks)) {
    for (const value of listOf(objectOf(choice["delta"])["tool_calls"])) {
      const delta = objectOf(value);
      const index = Number(delta["index"]);
      const called = objectOf(delta["function"]);
      const call = calls[index] ?? { id: delta["id"], name: called["name"], arguments: "" };
      calls[index] = call;
      call.arguments += String(called["arguments"] ?? "");
    }
  }
  return calls;
}

const TWO: Behaviour = {
  answer: {
    toolCalls: [
      { id: "one", name: "look", arguments: { q: "a" } },
      { id: "two", name: "time", arguments: { zone: "UTC" } },
    ],
    interleaved: true,
  },
};
const TOOLS = {
  tools: [
    { type: "function", function: { name: "look" } },
    { type: "function", function: { name: "time" } },
  ],
};

for (const kind of kinds) {
  describe(kind, () => {
    test("9. parallel calls, interleaved or in one frame, have their own index, id and arguments", async () => {
      const { chunks } = await streamed(kind, TWO, TOOLS);
      const calls = callsOf(chunks);
      expect(calls.map((call) => [call.name, parseJson(call.arguments)])).toEqual([
        ["look", { q: "a" }],
        ["time", { zone: "UTC" }],
      ]);
      expect(new Set(calls.map((call) => call.id)).size).toBe(2);
    });

    test("10. an answer with calls ends with tool_calls, whatever its upstream says, and only once, last", async () => {
      const { chunks } = await streamed(kind, TWO, TOOLS);
      expect(finishOf(chunks)).toEqual(["tool_calls"]);
      expect(choicesOf(chunks).at(-1)?.["finish_reason"]).toBe("tool_calls");
      expect((await whole(kind, TWO, TOOLS)).choice["finish_reason"]).toBe("tool_calls");
    });

    test("8. a call without arguments has {} for them", async () => {
      const { choice } = await whole(kind, { answer: { toolCalls: [{ id: "one", name: "time", arguments: {} }] } }, TOOLS);
      expect(listOf(objectOf(choice["message"])["tool_calls"]).map((call) => objectOf(objectOf(call)["function"])["arguments"])).toEqual(["{}"]);
    });

    test("18. an answer cut at its bound says length", async () => {
      expect((await whole(kind, { answer: { text: "and so", finish: "length" } })).choice["finish_reason"]).toBe("length");
    });

    test("24. usage is one sum, cached and reasoning tokens told; metered when the client did not ask", async () => {
      const usage = { input: 100, cacheRead: kind === "ollama" ? 0 : 40, output: 30, reasoning: kind === "ollama" || kind === "anthropic" ? 0 : 10 };
      const behaviour: Behaviour = { answer: { text: "so", usage } };
      const { chunks } = await streamed(kind, behaviour, { stream_options: { include_usage: true } });
      const last = chunks.at(-1) ?? {};
      expect(last["choices"]).toEqual([]);
      expect(last["usage"]).toMatchObject({ prompt_tokens: 100 + usage.cacheRead, completion_tokens: 30, total_tokens: 130 + usage.cacheRead });
      if (usage.cacheRead > 0) expect(objectOf(objectOf(last["usage"])["prompt_tokens_details"])["cached_tokens"]).toBe(40);
      if (usage.reasoning > 0) expect(objectOf(objectOf(last["usage"])["completion_tokens_details"])["reasoning_tokens"]).toBe(10);
      const before = box.records.length;
      expect((await streamed(kind, behaviour)).raw).not.toContain('"usage":{');
      expect((await box.record(before)).usage).toMatchObject({ ...usage, evidence: "reported" });
    });

    test("24. an answer nobody counted is counted by us, and marked", async () => {
      const before = box.records.length;
      expect((await streamed(kind, { answer: { text: "one two three four", usage: false } })).text).toContain("three");
      expect((await box.record(before)).usage?.evidence).toBe("counted");
    });

    test("25. characters, line ends and frames cut anywhere give the same words", async () => {
      for (const chunks of [1, 3, 7, "whole"] as const) {
        const { text, raw } = await streamed(kind, { chunks, answer: { text: "Grüße, 世界 👋 done" } });
        expect(text).toBe("Grüße, 世界 👋 done");
        expect(raw.endsWith("data: [DONE]\n\n")).toBe(true);
      }
      // On the express lane the upstream's own framing reaches the client as it is; a translated answer has ours.
      const odd = await streamed(kind, { framing: { newline: "\r\n", bom: true, comments: true }, answer: { text: "Grüße" } });
      expect(kind === "openai" || kind === "vllm" ? odd.raw : odd.text).toContain("Grüße");
    });
  });
}

describe("refusals", () => {
  test("19. Claude's refusal after some text keeps the text and ends with content_filter", async () => {
    const { chunks, text } = await streamed("anthropic", { answer: { text: "I was", finish: "refusal" } });
    expect([text, finishOf(chunks)]).toEqual(["I was", ["content_filter"]]);
  });

  test("19. OpenAI's refusal field passes", async () => {
    expect(objectOf((await whole("openai", { answer: { refusal: "I cannot." } })).choice["message"])["refusal"]).toBe("I cannot.");
  });

  test("19. a prompt Gemini blocks has no candidates: a 200 with content_filter, one choice, no crash", async () => {
    const blocked = {
      reply: {
        body: { promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 4, totalTokenCount: 4 }, modelVersion: "gemini-2.5-flash" },
      },
    };
    const { choice, answer } = await whole("gemini", blocked);
    expect([choice["finish_reason"], objectOf(answer["usage"])["prompt_tokens"]]).toEqual(["content_filter", 4]);
  });

  test("20. Gemini's candidates keep their index", async () => {
    const candidate = (index: number, text: string) => ({ index, content: { role: "model", parts: [{ text }] }, finishReason: "STOP" });
    const { answer } = await whole("gemini", { reply: { body: { candidates: [candidate(1, "second"), candidate(0, "first")] } } }, { n: 2 });
    expect(listOf(answer["choices"]).map((choice) => objectOf(objectOf(choice)["message"])["content"])).toEqual(["first", "second"]);
  });
});
