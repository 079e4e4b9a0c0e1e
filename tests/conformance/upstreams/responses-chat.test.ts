import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, listOf, objectOf } from "../../../src/vocabulary/json.ts";
import type { Answer } from "../../fakes/upstream/answers/answer.ts";
import type { Behaviour } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { requestMisfits } from "../../specs/requests.ts";
import { type HeardChat, hearChat, hearChatStream } from "../hearers/openai-chat.ts";

/** Chat clients of models that exist in the Responses API only: what they send arrives in its words, and what it says comes back in theirs. */
let fake: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  fake = await startFakeUpstream();
  box = startBox({
    models: {
      codex: [{ kind: "openai", url: fake.url, model: "gpt-5-codex" }],
      plain: [{ kind: "openai", url: fake.url, model: "gpt-4o", profile: { dialect: "openai-responses" } }],
      azure: [{ kind: "azure", url: fake.url, model: "o3-pro" }],
    },
    policy: { attempts: 1 },
  });
});
afterEach(() => {
  const misfits = fake.seen.flatMap((seen) =>
    /\/responses$/.test(seen.path) ? requestMisfits({ dialect: "openai-responses", kind: "openai", body: seen.json }) : [],
  );
  fake.forget();
  fake.play({});
  expect(misfits).toEqual([]);
});
afterAll(async () => {
  expect(box.complaints).toEqual([]);
  await box.stop();
  await fake.stop();
});

const CHAT = "/v1/chat/completions";
const user = (content: string) => ({ role: "user", content });
const TOOLS = ["get_weather", "get_time"].map((name) => ({ type: "function", function: { name, parameters: { type: "object", properties: {} } } }));

/** Asks, whole or streamed, and reads the answer as a strict client does. */
async function ask(body: JsonObject, stream: boolean, behaviour: Behaviour = {}): Promise<HeardChat & { readonly warnings: string | null }> {
  fake.play(behaviour);
  const streaming = stream ? { stream: true, stream_options: { include_usage: true } } : {};
  const response = await box.post(CHAT, { model: "codex", ...body, ...streaming });
  const text = await response.text();
  expect(response.status).toBe(200);
  const heard = stream ? hearChatStream(text) : hearChat(text);
  expect(heard.problems).toEqual([]);
  return { ...heard, warnings: response.headers.get("x-signalbox-warnings") };
}
const asked = (index = 0): JsonObject => objectOf(fake.seen[index]?.json);

describe.each([
  ["whole", false],
  ["streamed", true],
] as const)("%s", (_name, stream) => {
  test("text, its thinking, and what it used", async () => {
    const usage = { input: 10, cacheRead: 4, cacheWrite5m: 2, output: 9, reasoning: 3 };
    const answer: Answer = { thinking: "Hm, so.", text: "Grüße, 世界!", usage };
    const heard = await ask({ messages: [{ role: "system", content: "Be brief." }, user("hi")], max_tokens: 200, reasoning_effort: "low" }, stream, { answer });
    expect(heard).toMatchObject({ text: "Grüße, 世界!", thinking: "Hm, so.", finish: "stop" });
    expect(heard.usage).toMatchObject({
      prompt_tokens: 16,
      completion_tokens: 9,
      prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 2 },
      completion_tokens_details: { reasoning_tokens: 3 },
    });
    expect(fake.seen[0]?.path).toBe("/v1/responses");
    expect(asked()).toEqual({
      store: false,
      model: "gpt-5-codex",
      input: [{ role: "system", content: "Be brief." }, user("hi")],
      max_output_tokens: 200,
      reasoning: { effort: "low", summary: "auto" },
      include: ["reasoning.encrypted_content"],
      ...(stream ? { stream: true } : {}),
    });
  });

  test("parallel calls and back: the proof of what was thought goes with them, though the client keeps none", async () => {
    const calls = [
      { id: "call_a", name: "get_weather", arguments: { city: `Paris ${stream}` } },
      { id: "call_b", name: "get_time", arguments: { zone: "CET" } },
    ];
    const heard = await ask({ messages: [user("weather and time?")], tools: TOOLS }, stream, {
      answer: { thinking: "Both.", signature: "c2VjcmV0", toolCalls: calls, interleaved: true },
    });
    expect(heard).toMatchObject({ finish: "tool_calls", calls: calls.map(({ id, name, arguments: given }) => ({ id, name, arguments: given })) });

    const tool_calls = calls.map((call) => ({ id: call.id, type: "function", function: { name: call.name, arguments: JSON.stringify(call.arguments) } }));
    const results = calls.map((call) => ({ role: "tool", tool_call_id: call.id, content: `${call.name} is fine` }));
    const messages = [user("weather and time?"), { role: "assistant", content: null, tool_calls }, ...results];
    expect(await ask({ messages, tools: TOOLS }, stream, { answer: { text: "Warm, at noon." } })).toMatchObject({ text: "Warm, at noon.", finish: "stop" });
    expect(asked(1)["input"]).toEqual([
      user("weather and time?"),
      { type: "reasoning", id: "rs_fake_0", summary: [{ type: "summary_text", text: "Both." }], encrypted_content: "c2VjcmV0" },
      ...calls.map((call) => ({ type: "function_call", call_id: call.id, name: call.name, arguments: JSON.stringify(call.arguments) })),
      ...calls.map((call) => ({ type: "function_call_output", call_id: call.id, output: `${call.name} is fine` })),
    ]);
  });

  test("a proof is one service's own: another is not shown it", async () => {
    const call = { id: "call_c", name: "get_time", arguments: { zone: `own ${stream}` } };
    await ask({ messages: [user("time?")], tools: TOOLS }, stream, { answer: { signature: "c2VjcmV0", toolCalls: [call] } });
    const tool_calls = [{ id: call.id, type: "function", function: { name: call.name, arguments: JSON.stringify(call.arguments) } }];
    const messages = [user("time?"), { role: "assistant", content: null, tool_calls }, { role: "tool", tool_call_id: call.id, content: "noon" }];
    await ask({ model: "azure", messages, tools: TOOLS }, stream);
    expect(fake.seen[1]?.path).toBe("/openai/v1/responses");
    expect(listOf(asked(1)["input"]).map((item) => objectOf(item)["type"])).toEqual([undefined, "function_call", "function_call_output"]);
  });

  test("structured output", async () => {
    const schema = { type: "object", properties: { city: { type: "string" } }, required: ["city"], additionalProperties: false };
    const format = { type: "json_schema", json_schema: { name: "city", schema, strict: true } };
    const heard = await ask({ messages: [user("where?")], response_format: format }, stream, { answer: { text: '{"city":"Paris"}' } });
    expect(JSON.parse(heard.text)).toEqual({ city: "Paris" });
    expect(asked()["text"]).toEqual({ format: { type: "json_schema", name: "city", schema, strict: true } });
  });

  test("a refusal", async () => {
    expect(await ask({ messages: [user("refuse this")] }, stream)).toMatchObject({ text: "", refusal: "I cannot help with that.", finish: "stop" });
    const messages = [user("refuse this"), { role: "assistant", content: null, refusal: "I cannot help with that." }, user("why?")];
    await ask({ messages }, stream);
    expect(listOf(asked(1)["input"])[1]).toEqual({ role: "assistant", content: [{ type: "refusal", refusal: "I cannot help with that." }] });
  });

  test.each<[Answer, string]>([
    [{ text: "half an ans", finish: "length" }, "length"],
    [{ text: "some", finish: "content-filter" }, "content_filter"],
  ])("an answer that was cut short: %j", async (answer, finish) => {
    expect(await ask({ messages: [user("hi")] }, stream, { answer })).toMatchObject({ text: answer.text as string, finish });
  });

  test("knobs it does not have are dropped and named, and sampling where the model tunes itself", async () => {
    const knobs = { seed: 5, temperature: 0.2, stop: ["END"], presence_penalty: 1 };
    const { warnings } = await ask({ messages: [user("hi")], ...knobs }, stream);
    for (const name of Object.keys(knobs)) expect([name, asked()[name], warnings?.includes(name)]).toEqual([name, undefined, true]);
    await ask({ model: "plain", messages: [user("hi")], temperature: 0.2, top_p: 0.5 }, stream);
    expect(asked(1)).toMatchObject({ temperature: 0.2, top_p: 0.5 });
  });
});

test("a picture, a PDF and a picture in a result", async () => {
  const url = "data:image/png;base64,iVBORw0KGgo=";
  const seen = [
    { type: "image_url", image_url: { url, detail: "low" } },
    { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } },
  ];
  const tool_calls = [{ id: "call_1", type: "function", function: { name: "get_time", arguments: "{}" } }];
  const result = { role: "tool", tool_call_id: "call_1", content: [{ type: "image_url", image_url: { url } }] };
  await ask(
    { messages: [{ role: "user", content: [{ type: "text", text: "see" }, ...seen] }, { role: "assistant", content: null, tool_calls }, result] },
    false,
  );
  expect(asked()["input"]).toEqual([
    {
      role: "user",
      content: [
        { type: "input_text", text: "see" },
        { type: "input_image", image_url: url, detail: "low" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" },
      ],
    },
    { type: "function_call", call_id: "call_1", name: "get_time", arguments: "{}" },
    { type: "function_call_output", call_id: "call_1", output: [{ type: "input_image", image_url: url, detail: "auto" }] },
  ]);
});

test("usage nobody asked for is counted, and not told", async () => {
  fake.play({ answer: { text: "hi", usage: { input: 5, output: 2 } } });
  const before = box.records.length;
  const text = await (await box.post(CHAT, { model: "codex", messages: [user("hi")], stream: true })).text();
  expect(text).not.toContain('"usage"');
  expect((await box.record(before)).usage).toMatchObject({ input: 5, output: 2, evidence: "reported" });
});

test("clients of completions are served by it too", async () => {
  fake.play({ answer: { text: "a time" } });
  const answer = objectOf(await (await box.post("/v1/completions", { model: "codex", prompt: "Once upon" })).json());
  expect(objectOf(listOf(answer["choices"])[0])).toMatchObject({ text: "a time", finish_reason: "stop" });
  expect(asked()["input"]).toEqual([user("Once upon")]);
});

test.each<[string, JsonObject, string]>([
  ["several answers", { n: 2 }, "n"],
  ["sound", { modalities: ["text", "audio"], audio: { voice: "alloy", format: "wav" } }, "modalities"],
  ["a recording", { messages: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "AAAA", format: "wav" } }] }] }, "messages[0].content[0]"],
  ["a search of the web", { web_search_options: {} }, "web_search_options"],
])("%s cannot be had, and nobody is asked", async (_name, more, param) => {
  const response = await box.post(CHAT, { model: "codex", messages: [user("hi")], ...more });
  expect([response.status, objectOf(objectOf(await response.json())["error"])["param"]]).toEqual([400, param]);
  expect(fake.seen).toEqual([]);
});
