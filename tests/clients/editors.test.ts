import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { parse } from "yaml";
import { type Json, listOf, objectOf, stringOf } from "../../src/vocabulary/json.ts";
import { blockOf } from "../docs/blocks.ts";
import { type GatewayProcess, startGateway } from "../harness/gateway.ts";
import { type House, openHouse } from "./house.ts";
import { readChat, rowOf } from "./replay.ts";

/**
 * Requests of clients that do not run here, as their sources build them: what the upstream gets, and what the client reads.
 * Cursor's are in tests/conformance/responses/cursor.test.ts.
 */
let house: House;
beforeAll(async () => {
  house = await openHouse({ caller: { vouches: true }, policy: { attempts: 1 } });
});
afterAll(async () => {
  expect(house.box.complaints).toEqual([]);
  await house.stop();
});

const KEY = { "content-type": "application/json", authorization: "Bearer sb-test" };
const post = (path: string, body: object, headers: object = {}) => house.box.post(path, body, { headers: { ...KEY, ...headers } });
const asked = () => objectOf(house.fake.seen[0]?.json);
const jsonOf = async (response: Response) => objectOf((await response.json()) as Json);

describe("LibreChat", () => {
  /** A chat of a custom endpoint, with the sampling it sends when nobody chose any. */
  const body = {
    user: "665f1c0a9d",
    stream: true,
    temperature: 1,
    top_p: 1,
    presence_penalty: 0,
    frequency_penalty: 0,
    messages: [{ role: "user", content: "Hello" }],
  };

  test("models.fetch", async () => {
    const response = await fetch(`${house.box.url}/v1/models`, { headers: KEY });
    expect(listOf((await jsonOf(response))["data"]).every((row) => stringOf(objectOf(row)["id"]) !== undefined)).toBe(true);
  });

  test.each(["anthropic", "gemini", "ollama", "vllm"])("its defaults over %s are no reason to refuse", async (model) => {
    house.play({ answer: { text: "Good morning" } });
    const response = await post("/v1/chat/completions", { ...body, model });
    expect([response.status, readChat(await response.text()).text]).toEqual([200, "Good morning"]);
  });

  test("sampling that Anthropic lacks is dropped, and a header names it; penalties of 0 are no news", async () => {
    house.play();
    const chosen = await post("/v1/chat/completions", { ...body, model: "anthropic", presence_penalty: 0.5, seed: 7 });
    expect(chosen.headers.get("x-signalbox-warnings")).toMatch(/seed, presence_penalty were dropped/);
    expect(["presence_penalty", "frequency_penalty", "seed"].filter((name) => name in asked())).toEqual([]);
    const usual = await post("/v1/chat/completions", { ...body, model: "anthropic" });
    expect(usual.headers.get("x-signalbox-warnings") ?? "").not.toContain("penalty");
  });

  test("its user's address and conversation, by the headers of its page", async () => {
    house.play();
    const values: Record<string, string> = { LIBRECHAT_USER_EMAIL: "joerg@example.com", LIBRECHAT_BODY_CONVERSATIONID: "c0ffee-conversation" };
    const page = blockOf("clients/librechat.md", "yaml", house.box.url).replaceAll(/\{\{(\w+)\}\}/g, (_whole, name) => values[name] ?? "");
    const [endpoint] = listOf(objectOf(objectOf(parse(page)).endpoints).custom).map(objectOf);
    expect(endpoint?.["baseURL"]).toBe(house.baseURL);
    const headers = objectOf(endpoint?.["headers"]);
    const { endUser, session } = await rowOf(await post("/v1/chat/completions", { ...body, model: "vllm" }, headers), house.box);
    expect([endUser, session]).toEqual(["joerg@example.com", "c0ffee-conversation"]);
  });

  test("a place of its template that stayed empty names nobody", async () => {
    house.play();
    const response = await post("/v1/chat/completions", { ...body, model: "vllm" }, { "x-signalbox-user": "" });
    expect((await rowOf(response, house.box)).endUser).toBeUndefined();
  });
});

describe("Continue", () => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    gateway = await startGateway({ arguments: ["--demo"] });
  });
  afterAll(() => gateway.stop());

  test("one key in two headers is one key; two keys are refused", async () => {
    const ask = (first: string, second: string) => fetch(`${gateway.url}/v1/models`, { headers: { authorization: `Bearer ${first}`, "api-key": second } });
    expect((await ask(gateway.key, gateway.key)).status).toBe(200);
    expect((await ask(gateway.key, "sb-another")).status).toBe(401);
  });

  test("completion as one types is a clean 404", async () => {
    const response = await post("/v1/fim/completions", { model: "vllm", prompt: "function add(", suffix: "}", max_tokens: 64, stream: true });
    expect([response.status, response.headers.get("x-should-retry")]).toEqual([404, "false"]);
    expect(objectOf((await jsonOf(response))["error"])).toMatchObject({
      type: "invalid_request_error",
      code: "not_found",
      message: expect.stringContaining("/v1/fim/completions"),
    });
  });

  test("more stop words than OpenAI takes reach those who take them", async () => {
    house.play();
    const stop = ["<fim>", "</fim>", "<|end|>", "\n\n\n", "```", "// Path:"];
    await (await post("/v1/chat/completions", { model: "vllm", messages: [{ role: "user", content: "Hello" }], stop })).text();
    expect(asked()["stop"]).toEqual(stop);
  });
});

describe("Roo Code", () => {
  const mark = { cache_control: { type: "ephemeral" } };
  const body = {
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
    tool_choice: "auto",
    parallel_tool_calls: true,
    tools: [{ type: "function", function: { name: "look", description: "Look.", parameters: { type: "object", properties: {} } } }],
    messages: [
      { role: "system", content: [{ type: "text", text: "You write code.", ...mark }] },
      { role: "user", content: [{ type: "text", text: "Hello" }] },
      { role: "assistant", content: "Hi." },
      { role: "user", content: [{ type: "text", text: "Look around.", ...mark }] },
    ],
  };

  test("marks for the cache reach Anthropic where they were", async () => {
    house.play();
    await (await post("/v1/chat/completions", { ...body, model: "anthropic" })).text();
    expect(asked()["system"]).toEqual([{ type: "text", text: "You write code.", ...mark }]);
    const turns = listOf(asked()["messages"]).map((turn) => listOf(objectOf(turn)["content"]));
    expect(turns.at(-1)).toEqual([{ type: "text", text: "Look around.", ...mark }]);
    expect(JSON.stringify(turns.slice(0, -1))).not.toContain("cache_control");
  });

  test.each(["gemini", "ollama"])("and are left out before %s", async (model) => {
    house.play();
    expect((await post("/v1/chat/completions", { ...body, model })).status).toBe(200);
    expect(house.fake.seen[0]?.text).not.toContain("cache_control");
  });

  test("what the cache gave and took is where it looks", async () => {
    house.play({ answer: { text: "ok", usage: { input: 10, cacheRead: 2000, cacheWrite5m: 300, output: 5 } } });
    const { usage } = readChat(await (await post("/v1/chat/completions", { ...body, model: "anthropic" })).text());
    expect(usage).toMatchObject({ prompt_tokens: 2310, completion_tokens: 5, cache_read_input_tokens: 2000, cache_creation_input_tokens: 300 });
  });
});

describe("aider", () => {
  /** The one function it forces when it wants edits as JSON. */
  const edit = { name: "replace_lines", description: "Edit.", parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] } };
  const called = { name: "replace_lines", arguments: '{"path":"a.css"}' };
  const play = () => house.play({ answer: { toolCalls: [{ name: "replace_lines", arguments: { path: "a.css" } }] } });
  /** How each upstream is told that it has to. */
  const FORCED = {
    anthropic: { tool_choice: { type: "tool", name: "replace_lines" } },
    gemini: { toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["replace_lines"] } } },
    responses: { tool_choice: { type: "function", name: "replace_lines" } },
  };
  /** As aider calls today, and as it and others did when functions were no tools yet. */
  const SHAPES = {
    tools: { tools: [{ type: "function", function: edit }], tool_choice: { type: "function", function: { name: edit.name } } },
    functions: { functions: [edit], function_call: { name: edit.name } },
  };
  const body = { temperature: 0, messages: [{ role: "user", content: "Make it blue." }] };

  for (const [model, told] of Object.entries(FORCED)) {
    for (const [shape, fields] of Object.entries(SHAPES)) {
      const read = shape === "tools" ? { tool_calls: [{ type: "function", function: called }] } : { function_call: called };

      test(`a forced call by ${shape} over ${model}`, async () => {
        play();
        const answer = await jsonOf(await post("/v1/chat/completions", { ...body, ...fields, model }));
        expect(asked()).toMatchObject(told);
        expect(listOf(answer["choices"])).toMatchObject([{ message: { role: "assistant", content: null, ...read } }]);
      });

      test(`the same streamed`, async () => {
        play();
        const raw = await (await post("/v1/chat/completions", { ...body, ...fields, model, stream: true })).text();
        const { calls, functionCall, finish } = readChat(raw);
        expect([shape === "tools" ? calls[0] : functionCall, finish]).toEqual([called, shape === "tools" ? "tool_calls" : "function_call"]);
      });
    }
  }

  test("a prompt that does not fit is told in the words it knows", async () => {
    const message = "prompt is too long: 210000 tokens > 200000 maximum";
    house.play({ reply: { status: 400, body: { type: "error", error: { type: "invalid_request_error", message } } } });
    const response = await post("/v1/chat/completions", { ...body, model: "anthropic" });
    expect(objectOf((await jsonOf(response))["error"])).toMatchObject({
      message: "This model's maximum context length is 200000 tokens. However, your messages resulted in 210000 tokens.",
      code: "context_length_exceeded",
    });
  });
});
