import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import type { Answer } from "../../fakes/upstream/answers/answer.ts";
import { askedOf, KINDS, openResponsesHouse, outputOf, type ResponsesHouse, textOf } from "./house.ts";

/** Responses from every kind of upstream, whole and streamed, as clients get them, and what the upstreams are asked. */
let house: ResponsesHouse;
beforeAll(async () => {
  house = await openResponsesHouse();
});
afterAll(async () => {
  expect(house.box.complaints).toEqual([]);
  await house.stop();
});

const SAID = "Grüße aus 東京, all is well";
const F = { type: "function", name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } };

/** The response, whole or from the last event of its stream, which must hold the very items it told of. */
async function responseOf(stream: boolean, body: JsonObject, answer: Answer): Promise<JsonObject> {
  if (!stream) {
    const { status, json } = await house.whole(body, { answer });
    expect(status).toBe(200);
    return json;
  }
  const { status, events, response } = await house.stream(body, { answer });
  expect(status).toBe(200);
  expect(events.slice(0, 2).map(({ name }) => name)).toEqual(["response.created", "response.in_progress"]);
  expect(events.map(({ data }) => data["sequence_number"])).toEqual(events.map((_event, index) => index));
  expect(events.filter(({ name }) => name === "response.output_item.done").map(({ data }) => data["item"] ?? null)).toEqual(outputOf(response));
  return response;
}

for (const kind of KINDS) {
  for (const stream of [false, true]) {
    describe(`${kind}, ${stream ? "streamed" : "whole"}`, () => {
      test("text, with its ids and its usage", async () => {
        const before = house.box.records.length;
        const response = await responseOf(stream, { model: kind, input: "hi", instructions: "Be brief." }, { text: SAID, usage: { input: 11, output: 7 } });
        const { id } = await house.box.record(before);
        const root = id.replace("req_", "");
        expect(response).toMatchObject({ id: `resp_${root}`, object: "response", status: "completed", instructions: "Be brief.", store: false, error: null });
        expect(response["usage"]).toMatchObject({ input_tokens: 11, output_tokens: 7, total_tokens: 18 });
        expect(outputOf(response)).toMatchObject([
          { id: `msg_${root}_0`, type: "message", status: "completed", content: [{ type: "output_text", text: SAID }] },
        ]);
        expect(house.fake.seen[0]?.text).toContain("Be brief.");
      });

      test("two calls at once, their outputs, an answer", async () => {
        const tools = [F];
        const question = { role: "user", content: "How warm is it in Paris and in Omsk?" };
        const toolCalls = ["Paris", "Omsk"].map((city) => ({ name: "get_weather", arguments: { city } }));
        const first = await responseOf(stream, { model: kind, tools, input: [question] }, { text: "Let me look. ", toolCalls, interleaved: stream });
        const calls = outputOf(first).filter((item) => item["type"] === "function_call");
        expect(calls.map((call) => [call["name"], call["arguments"], call["status"]])).toEqual([
          ["get_weather", '{"city":"Paris"}', "completed"],
          ["get_weather", '{"city":"Omsk"}', "completed"],
        ]);
        expect(new Set(calls.map((call) => call["call_id"])).size).toBe(2);
        const outputs = calls.map((call, index) => ({ type: "function_call_output", call_id: call["call_id"] ?? "", output: ["warm", "cold"][index] ?? "" }));
        const second = await responseOf(stream, { model: kind, tools, input: [question, ...outputOf(first), ...outputs] }, { text: "Warm and cold." });
        expect(textOf(second)).toBe("Warm and cold.");
        expect(house.fake.seen[0]?.text).toMatch(/Let me look\..*Paris.*Omsk.*warm.*cold/);
      });

      test("a custom tool gets its text, and gives it back", async () => {
        const patch = '*** Begin Patch\n"quoted" \\ and ünïcode\n*** End Patch';
        const tools = [
          { type: "custom", name: "apply_patch", description: "Edits files.", format: { type: "grammar", syntax: "lark", definition: "start: x" } },
        ];
        const first = await responseOf(stream, { model: kind, tools, input: "Edit." }, { toolCalls: [{ name: "apply_patch", arguments: { input: patch } }] });
        const call = outputOf(first)[0] ?? {};
        expect(call).toMatchObject({ type: "custom_tool_call", name: "apply_patch", input: patch, status: "completed" });
        expect(house.fake.seen[0]?.text).toContain("lark grammar:\\nstart: x");
        const output = { type: "custom_tool_call_output", call_id: call["call_id"] ?? "", output: "Done!" };
        await responseOf(stream, { model: kind, tools, input: [{ role: "user", content: "Edit." }, call, output] }, { text: "Edited." });
        expect(house.fake.seen[0]?.text).toContain("*** Begin Patch");
        expect(house.fake.seen[0]?.text).toContain("Done!");
      });

      test("a tool in a namespace keeps both of its names", async () => {
        const tools = [{ type: "namespace", name: "multi_agent_v1", description: "Agents.", tools: [{ ...F, name: "spawn" }] }];
        const answer = { toolCalls: [{ name: "multi_agent_v1__spawn", arguments: { city: "Paris" } }] };
        const first = await responseOf(stream, { model: kind, tools, input: "Go." }, answer);
        expect(outputOf(first)).toMatchObject([{ type: "function_call", name: "spawn", namespace: "multi_agent_v1", arguments: '{"city":"Paris"}' }]);
        const call = outputOf(first)[0] ?? {};
        const output = { type: "function_call_output", call_id: call["call_id"] ?? "", output: "spawned" };
        await responseOf(stream, { model: kind, tools, input: [{ role: "user", content: "Go." }, call, output] }, { text: "Gone." });
        expect(house.fake.seen[0]?.text.match(/multi_agent_v1__spawn/g)?.length).toBeGreaterThan(1);
      });

      test("thinking comes first, as a summary", async () => {
        const response = await responseOf(
          stream,
          { model: kind, input: "hi", reasoning: { effort: "low", summary: "auto" } },
          { thinking: "Let me think.", text: SAID },
        );
        expect(outputOf(response)).toMatchObject([{ type: "reasoning", summary: [{ type: "summary_text", text: "Let me think." }] }, { type: "message" }]);
        expect(response["reasoning"]).toEqual({ effort: "low", summary: "auto" });
      });

      test("an answer cut for length is incomplete and says why", async () => {
        const response = await responseOf(stream, { model: kind, input: "hi", max_output_tokens: 16 }, { text: "one two", finish: "length" });
        expect(response).toMatchObject({
          status: "incomplete",
          incomplete_details: { reason: "max_output_tokens" },
          completed_at: null,
          max_output_tokens: 16,
        });
        expect(outputOf(response)).toMatchObject([{ type: "message", status: "incomplete", content: [{ text: "one two" }] }]);
      });
    });
  }

  test(`${kind}: an image and a file's place in a schema`, async () => {
    const input = [
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is it?" },
          { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=" },
        ],
      },
    ];
    const format = {
      type: "json_schema",
      name: "thing",
      schema: { type: "object", properties: { what: { type: "string" } }, required: ["what"] },
      strict: true,
    };
    const { json } = await house.whole({ model: kind, input, text: { format } }, { answer: { text: '{"what":"dot"}' } });
    expect([textOf(json), objectOf(json["text"])["format"]]).toEqual(['{"what":"dot"}', { ...format, description: null }]);
    expect(house.fake.seen[0]?.text).toContain("iVBORw0KGgo=");
    expect(house.fake.seen[0]?.text).toContain('"what"');
  });
}

describe("refusals", () => {
  for (const stream of [false, true]) {
    test(`OpenAI's, in its own part; ${stream ? "streamed" : "whole"}`, async () => {
      const response = await responseOf(stream, { model: "openai", input: "hi" }, { refusal: "I cannot help with that." });
      expect(outputOf(response)).toMatchObject([{ type: "message", content: [{ type: "refusal", refusal: "I cannot help with that." }] }]);
      expect(response["status"]).toBe("completed");
    });

    test.each(["anthropic", "gemini"])(`%s: filtered; ${stream ? "streamed" : "whole"}`, async (kind) => {
      const response = await responseOf(stream, { model: kind, input: "hi" }, { text: "No.", finish: "refusal" });
      expect(response).toMatchObject({ status: "incomplete", incomplete_details: { reason: "content_filter" } });
    });
  }
});

describe("proofs of thinking", () => {
  const body = { model: "anthropic", tools: [F], reasoning: { effort: "low" }, max_output_tokens: 8000 };
  const question = { role: "user", content: "How warm is it?" };
  const answer: Answer = { thinking: "Look it up.", signature: "c2lnbmVk", toolCalls: [{ name: "get_weather", arguments: { city: "Paris" } }] };

  test.each([false, true])("Claude's own goes to the client and back, streamed: %p", async (stream) => {
    const first = await responseOf(stream, { ...body, input: [question] }, answer);
    expect(outputOf(first)[0]).toMatchObject({ type: "reasoning", encrypted_content: "anthropic-messages:c2lnbmVk" });
    const output = { type: "function_call_output", call_id: outputOf(first)[1]?.["call_id"] ?? "", output: "warm" };
    await responseOf(stream, { ...body, input: [question, ...outputOf(first), output] }, { text: "Warm." });
    const said = listOf(objectOf(listOf(objectOf(askedOf(house.fake))["messages"])[1])["content"]);
    expect(said).toMatchObject([{ type: "thinking", thinking: "Look it up.", signature: "c2lnbmVk" }, { type: "tool_use" }]);
  });

  test("Gemini's, which has no place in a response, is kept here, whatever the client calls the tool", async () => {
    const tools = [
      { type: "custom", name: "patch" },
      { type: "namespace", name: "fs", description: "Files.", tools: [F] },
    ];
    for (const called of [
      { name: "patch", arguments: { input: "*** Begin" } },
      { name: "fs__get_weather", arguments: { city: "Paris" } },
    ]) {
      const first = await responseOf(true, { model: "gemini", tools, input: [question] }, { signature: "c2lnbmVk", toolCalls: [called] });
      const call = outputOf(first)[0] ?? {};
      const output = {
        type: `${call["type"] === "custom_tool_call" ? "custom_tool" : "function"}_call_output`,
        call_id: call["call_id"] ?? "",
        output: "done",
      };
      await responseOf(false, { model: "gemini", tools, input: [question, call, output] }, { text: "Done." });
      const part = objectOf(listOf(objectOf(listOf(objectOf(askedOf(house.fake))["contents"])[1])["parts"])[0]);
      expect([objectOf(part["functionCall"])["name"], part["thoughtSignature"]]).toEqual([called.name, "c2lnbmVk"]);
    }
  });

  test("nobody else is shown it, and Claude is not shown OpenAI's", async () => {
    const reasoning = (encrypted_content: string) => ({ type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], encrypted_content });
    for (const kind of KINDS) {
      const proof = kind === "anthropic" ? "gAAAopenai" : "anthropic-messages:c2lnbmVk";
      const { status } = await house.whole({ model: kind, input: [question, reasoning(proof), { role: "assistant", content: "Warm." }, question] });
      expect([kind, status, house.fake.seen[0]?.text.includes("c2lnbmVk"), house.fake.seen[0]?.text.includes("gAAAopenai")]).toEqual([kind, 200, false, false]);
    }
  });
});

test("log probabilities, where the upstream has them", async () => {
  const body = { model: "openai", input: "hi", include: ["message.output_text.logprobs"], top_logprobs: 1 };
  const { json } = await house.whole(body, { answer: { text: "one two" } });
  const part = objectOf(listOf(outputOf(json)[0]?.["content"])[0]);
  expect(listOf(part["logprobs"]).map((token) => objectOf(token)["token"])).toEqual(["one ", "two"]);
  expect(objectOf(askedOf(house.fake))).toMatchObject({ logprobs: true, top_logprobs: 1 });
  const { response } = await house.stream(body, { answer: { text: "one two" } });
  expect(listOf(outputOf(response)[0]?.["content"])).toEqual([part]);
});

test("what Codex sends is served, and what was left out is said", async () => {
  const tools = [F, { type: "web_search", external_web_access: false }, { type: "tool_search", execution: "client" }, { type: "custom", name: "apply_patch" }];
  const body = {
    tools,
    input: [
      { type: "message", id: "msg_1", role: "developer", content: [{ type: "input_text", text: "You are Codex." }] },
      { type: "message", role: "user", content: [{ type: "input_text", text: "hi" }] },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: { effort: "medium", summary: "auto" },
    store: false,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "thread",
    text: { verbosity: "low" },
    client_metadata: { a: "b" },
  };
  for (const kind of KINDS) {
    const { status, headers } = await house.whole({ ...body, model: kind }, { answer: { text: "hi" } });
    expect([kind, status]).toEqual([kind, 200]);
    expect(headers.get("x-signalbox-warnings")).toContain("tools[1] was left out: web_search");
    expect(headers.get("x-signalbox-warnings")).toContain("tools[2] was left out: tool_search");
    expect(house.fake.seen[0]?.text).toMatch(/You are Codex\./);
    for (const absent of ["client_metadata", "truncation", "web_search", "tool_search", "encrypted_content", '"store"'])
      expect(house.fake.seen[0]?.text).not.toContain(absent);
  }
});

test("a body of the newest Codex, whose tools come as an item of the input", async () => {
  const input = [
    { type: "additional_tools", role: "developer", tools: [{ type: "namespace", name: "fs", tools: [F] }] },
    { role: "user", content: "hi" },
  ];
  const { json } = await house.whole({ model: "anthropic", input }, { answer: { toolCalls: [{ name: "fs__get_weather", arguments: {} }] } });
  expect(outputOf(json)).toMatchObject([{ name: "get_weather", namespace: "fs" }]);
  expect(json["tools"]).toEqual([]);
});
