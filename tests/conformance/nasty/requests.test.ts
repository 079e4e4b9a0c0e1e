import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** The nasty cases of requests, end to end: what a chat client sends, and what each upstream then gets. */
let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  const at = (kind: string, model: string) => [{ kind, url: fake.url, model }];
  box = startBox({
    models: {
      openai: at("openai", "gpt-4o"),
      o3: at("openai", "o3"),
      claude: at("anthropic", "claude-sonnet-4-5"),
      opus: at("anthropic", "claude-opus-4-7"),
      gemini: at("gemini", "gemini-2.5-flash"),
      gemini3: at("gemini", "gemini-3-pro-preview"),
      ollama: at("ollama", "llama3.2"),
      vllm: at("vllm", "qwen"),
    },
  });
});
afterAll(async () => {
  await box.stop();
  await fake.stop();
});

const user = (content: unknown) => ({ role: "user", content });
const assistant = (content: unknown) => ({ role: "assistant", content });
const calls = (...list: [id: string, name: string, args?: string][]) => ({
  role: "assistant",
  content: null,
  tool_calls: list.map(([id, name, args]) => ({ id, type: "function", function: { name, arguments: args ?? "{}" } })),
});
const result = (tool_call_id: string, content: unknown) => ({ role: "tool", tool_call_id, content });
const tool = (name: string, parameters?: object) => ({ type: "function", function: { name, ...(parameters === undefined ? {} : { parameters }) } });
const TOOLS = { tools: [tool("look", { type: "object", properties: { q: { type: "string" } } }), tool("time")] };
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/** Sends it; gives what the upstream got (when asked at all), the answer, and its warnings. */
async function sent(model: string, messages: unknown[], more: object = {}): Promise<{ got: JsonObject; status: number; answer: JsonObject; warnings: string }> {
  fake.forget();
  const response = await box.post("/v1/chat/completions", { model, messages, ...more });
  const answer = objectOf(await response.json());
  return { got: objectOf(fake.seen[0]?.json), status: response.status, answer, warnings: response.headers.get("x-signalbox-warnings") ?? "" };
}
const messagesOf = async (model: string, messages: unknown[], more: object = {}) => {
  const { got } = await sent(model, messages, more);
  return listOf(got["messages"] ?? got["contents"]).map(objectOf);
};

describe("conversations", () => {
  test("1. consecutive messages of one role are merged for Claude and Gemini, in their order", async () => {
    const talk = [user("a"), user("b"), assistant("c"), assistant("d"), user("e")];
    expect((await messagesOf("claude", talk)).map((turn) => [turn["role"], listOf(turn["content"]).length || 1])).toEqual([
      ["user", 2],
      ["assistant", 2],
      ["user", 1],
    ]);
    expect((await messagesOf("gemini", talk)).map((turn) => [turn["role"], listOf(turn["parts"]).length])).toEqual([
      ["user", 2],
      ["model", 2],
      ["user", 1],
    ]);
  });

  test("2. empty, blank and null content is left out, never sent as empty text", async () => {
    const talk = [user("a"), assistant(""), user(" "), calls(["1", "look"]), result("1", "found"), user("b")];
    for (const model of ["claude", "gemini"]) expect(JSON.stringify(await messagesOf(model, talk, TOOLS))).not.toMatch(/"text":"\s*"|"content":"\s*"/);
  });

  test("3. several tool results are one user's turn, results first, then what the user says", async () => {
    const talk = [user("a"), calls(["1", "look"], ["2", "time"]), result("1", "x"), result("2", "y"), user("and?")];
    expect((await messagesOf("claude", talk, TOOLS)).at(-1)).toMatchObject({
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "1" },
        { type: "tool_result", tool_use_id: "2" },
        { type: "text", text: "and?" },
      ],
    });
    expect((await messagesOf("gemini", talk, TOOLS)).at(-1)).toMatchObject({
      role: "user",
      parts: [{ functionResponse: { name: "look" } }, { functionResponse: { name: "time" } }, { text: "and?" }],
    });
  });

  test("4. a call without a result gets a failed one; a result without a call stays as text", async () => {
    const cut = [user("a"), calls(["1", "look"]), user("never mind")];
    expect((await messagesOf("claude", cut, TOOLS)).at(-1)).toMatchObject({
      content: [{ type: "tool_result", tool_use_id: "1", is_error: true }, { text: "never mind" }],
    });
    expect(JSON.stringify(await messagesOf("claude", [user("a"), result("9", "orphan")], TOOLS))).toMatch(/"role":"user".*orphan/);
  });

  test("5. tool ids that do not fit are rewritten, the same on call and result, never two to one", async () => {
    const talk = [
      user("a"),
      calls(["a:b", "look"], ["a.b", "time"], ["x".repeat(80), "time"]),
      result("a:b", "1"),
      result("a.b", "2"),
      result("x".repeat(80), "3"),
    ];
    const turns = await messagesOf("claude", talk, TOOLS);
    const made = listOf(turns[1]?.["content"]).map((block) => String(objectOf(block)["id"]));
    const answered = listOf(turns[2]?.["content"]).map((block) => String(objectOf(block)["tool_use_id"]));
    expect(answered).toEqual(made);
    expect(new Set(made).size).toBe(3);
    expect(made.every((id) => /^[a-zA-Z0-9_-]{1,64}$/.test(id))).toBe(true);
  });

  test("6. Gemini's results carry the function's name, looked up by id", async () => {
    expect((await messagesOf("gemini", [user("a"), calls(["1", "look"]), result("1", "x")], TOOLS)).at(-1)).toMatchObject({
      parts: [{ functionResponse: { name: "look" } }],
    });
  });

  test("7. pictures in tool results: inside for Claude, in a following user's message for chat upstreams", async () => {
    const picture = [
      { type: "text", text: "see" },
      { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
    ];
    const talk = [user("a"), calls(["1", "look"]), result("1", picture)];
    expect((await messagesOf("claude", talk, TOOLS)).at(-1)).toMatchObject({
      content: [{ type: "tool_result", content: [{ type: "text" }, { type: "image" }] }],
    });
    const ollama = await messagesOf("ollama", talk, TOOLS);
    expect(ollama.at(-1)).toMatchObject({ role: "user", images: [PNG] });
  });

  test("8. arguments that are empty or no JSON become an empty object", async () => {
    for (const broken of ["", "{oops", "[1]"]) {
      expect((await messagesOf("claude", [user("a"), calls(["1", "look", broken]), result("1", "x")], TOOLS))[1]).toMatchObject({
        content: [{ type: "tool_use", input: {} }],
      });
      expect((await messagesOf("gemini", [user("a"), calls(["1", "look", broken]), result("1", "x")], TOOLS))[1]).toMatchObject({
        parts: [{ functionCall: { args: {} } }],
      });
    }
  });

  test("11. thinking with a forced tool is turned off, and said", async () => {
    const { got, warnings } = await sent("claude", [user("a")], { ...TOOLS, tool_choice: "required", reasoning_effort: "high" });
    expect([got["thinking"], warnings.includes("reasoning")]).toEqual([undefined, true]);
  });

  test("12. Gemini 3 without its thought signature gets the documented stand-in on the first call", async () => {
    const turns = await messagesOf("gemini3", [user("a"), calls(["1", "look"], ["2", "time"]), result("1", "x"), result("2", "y")], TOOLS);
    expect(listOf(turns[1]?.["parts"]).map((part) => objectOf(part)["thoughtSignature"])).toEqual(["skip_thought_signature_validator", undefined]);
  });

  test("13. signatures of one family never reach another", async () => {
    const signed = {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "1", type: "function", function: { name: "look", arguments: "{}" }, extra_content: { google: { thought_signature: "U0lH" } } }],
    };
    expect(JSON.stringify(await messagesOf("claude", [user("a"), signed, result("1", "x")], TOOLS))).not.toContain("U0lH");
    expect(JSON.stringify(await messagesOf("gemini3", [user("a"), signed, result("1", "x")], TOOLS))).toContain("U0lH");
  });
});

describe("knobs", () => {
  test("14. temperature over 1 is clamped for Claude, and left out where sampling is fixed, both said", async () => {
    const clamped = await sent("claude", [user("a")], { temperature: 1.5 });
    expect([clamped.got["temperature"], clamped.warnings.includes("temperature")]).toEqual([1, true]);
    for (const model of ["opus", "o3"]) {
      const { got, warnings } = await sent(model, [user("a")], { temperature: 0.2 });
      expect([got["temperature"], warnings.includes("temperature")]).toEqual([undefined, true]);
    }
  });

  test("15. max_tokens: a default where one is needed, clamped to what the model gives", async () => {
    expect((await sent("claude", [user("a")])).got["max_tokens"]).toBeGreaterThan(1000);
    const { got, warnings } = await sent("claude", [user("a")], { max_tokens: 10_000_000 });
    expect([Number(got["max_tokens"]) <= 64_000, warnings.includes("max_tokens")]).toEqual([true, true]);
    const thinking = (await sent("claude", [user("a")], { max_tokens: 3000, reasoning_effort: "high" })).got;
    expect(Number(objectOf(thinking["thinking"])["budget_tokens"])).toBeLessThan(3000);
  });

  test("16. max_completion_tokens to Ollama, max_tokens to reasoning models: each by the name it knows", async () => {
    expect(objectOf((await sent("ollama", [user("a")], { max_completion_tokens: 7 })).got["options"])["num_predict"]).toBe(7);
    const { got } = await sent("o3", [user("a")], { max_tokens: 7 });
    expect([got["max_completion_tokens"], got["max_tokens"]]).toEqual([7, undefined]);
  });

  test("17. the developer's role where it is unknown, system messages in the middle", async () => {
    const talk = [{ role: "developer", content: "be brief" }, user("a"), { role: "system", content: "now in French" }, user("b")];
    expect((await messagesOf("vllm", talk))[0]?.["role"]).toBe("system");
    expect((await sent("claude", talk)).got["system"]).toBe("be brief");
    expect(JSON.stringify(await messagesOf("claude", talk))).toContain("now in French");
    expect(JSON.stringify((await sent("gemini", talk)).got["systemInstruction"])).toMatch(/be brief.*now in French/);
  });

  test("18. more stop sequences than an upstream takes are cut, and said; blank ones go", async () => {
    const six = ["a", "b", "c", "d", "e", "f"];
    const { got, warnings } = await sent("gemini", [user("x")], { stop: six });
    expect([listOf(objectOf(got["generationConfig"])["stopSequences"]).length, warnings.includes("stop")]).toEqual([5, true]);
    expect((await sent("claude", [user("x")], { stop: ["\n", "END"] })).got["stop_sequences"]).toEqual(["END"]);
  });

  test("20. n over 1 where there is one answer only: a 400 that names it", async () => {
    for (const model of ["claude", "ollama"]) {
      const { status, answer } = await sent(model, [user("a")], { n: 2 });
      expect([status, objectOf(answer["error"])["param"], fake.seen.length]).toEqual([400, "n", 0]);
    }
    expect(objectOf((await sent("gemini", [user("a")], { n: 2 })).got["generationConfig"])["candidateCount"]).toBe(2);
  });

  test("21. logprobs where there are none are dropped, and said", async () => {
    const { got, warnings } = await sent("claude", [user("a")], { logprobs: true, top_logprobs: 2 });
    expect([JSON.stringify(got).includes("logprobs"), warnings.includes("logprobs")]).toEqual([false, true]);
  });

  test("22. schema words an upstream refuses are gone; tools without parameters and strict ones work", async () => {
    const parameters = { $schema: "x", type: "object", properties: { n: { type: "integer", exclusiveMinimum: 0 }, k: { const: "only" } }, required: ["n"] };
    const gemini = JSON.stringify((await sent("gemini", [user("a")], { tools: [tool("look", parameters), tool("time")] })).got["tools"]);
    expect(gemini).not.toMatch(/\$schema|exclusiveMinimum|"const"/);
    const strict = {
      type: "json_schema",
      json_schema: { name: "a", strict: true, schema: { type: "object", properties: { n: { type: "integer", minimum: 1 } } } },
    };
    const { got } = await sent("claude", [user("a")], { tools: [tool("time")], response_format: strict });
    expect(objectOf(listOf(got["tools"])[0])["input_schema"]).toMatchObject({ type: "object" });
    expect(objectOf(objectOf(objectOf(got["output_config"])["format"])["schema"])).toMatchObject({ additionalProperties: false });
  });

  test("23. an assistant's last message is continued where it can be, and a 400 where it cannot", async () => {
    expect((await messagesOf("claude", [user("a"), assistant("It is ")])).at(-1)).toEqual({ role: "assistant", content: "It is" });
    expect((await sent("opus", [user("a"), assistant("It is ")])).status).toBe(400);
  });
});
