import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { SignJWT } from "jose";
import { listOf, objectOf, stringOf } from "../../src/vocabulary/json.ts";
import { vectorOf } from "../fakes/upstream/answers/embeddings.ts";
import { type House, openHouse } from "./house.ts";
import { framesOf, PIXEL, readChat, rowOf } from "./replay.ts";

/** Open WebUI's requests, as its source builds them, and what it reads of the answers; it does not run here itself. */
const SECRET = "a secret of at least thirty-two bytes";
let house: House;
let signed: House;
beforeAll(async () => {
  house = await openHouse({ caller: { vouches: true }, policy: { attempts: 1 } });
  signed = await openHouse({ caller: { vouches: true }, endUserSecret: SECRET });
});
afterAll(async () => {
  expect([...house.box.complaints, ...signed.box.complaints]).toEqual([]);
  await house.stop();
  await signed.stop();
});

/** With `ENABLE_FORWARD_USER_INFO_HEADERS`. */
const USER = {
  "x-openwebui-user-name": "J%C3%B6rg%20M%C3%BCller",
  "x-openwebui-user-id": "4f6c1f0a-user",
  "x-openwebui-user-email": "joerg@example.com",
  "x-openwebui-user-role": "user",
  "x-openwebui-chat-id": "b1d2-chat",
};
const KEY = { "content-type": "application/json", authorization: "Bearer sb-test" };
const get = (path: string) => fetch(house.box.url + path, { headers: KEY });
const post = (path: string, body: object, headers: object = USER) => house.box.post(path, body, { headers: { ...KEY, ...headers } });
const asked = () => objectOf(house.fake.seen[0]?.json);
const question = [
  { role: "system", content: "You are a helpful assistant." },
  { role: "user", content: "Hello" },
];
const streamed = { stream: true, stream_options: { include_usage: true } };

/** Upstreams, and where each wants the bound of the answer. */
const BOUND = {
  openai: ["max_tokens"],
  anthropic: ["max_tokens"],
  gemini: ["generationConfig", "maxOutputTokens"],
  ollama: ["options", "num_predict"],
  vllm: ["max_tokens"],
} as const;
const KINDS = Object.keys(BOUND) as (keyof typeof BOUND)[];

describe("a connection", () => {
  test.each(["/v1/models", "/models"])("GET %s is what Verify and the list of models ask", async (path) => {
    const body = objectOf((await (await get(path)).json()) as never);
    expect(listOf(body["data"]).map((row) => stringOf(objectOf(row)["id"]))).toContain("anthropic");
  });

  test("Verify with a wrong key says why", async () => {
    const response = await fetch(`${house.box.url}/v1/models`, { headers: { authorization: "Bearer wrong" } });
    expect([response.status, objectOf(objectOf((await response.json()) as never)["error"])["message"]]).toEqual([401, "This key is not known here."]);
  });
});

describe("who asks", () => {
  test("the user and the chat are in the row, and nothing of them reaches the upstream", async () => {
    house.play();
    const { endUser, session } = await rowOf(await post("/v1/chat/completions", { model: "anthropic", messages: question }), house.box);
    expect([endUser, session]).toEqual(["4f6c1f0a-user", "b1d2-chat"]);
    expect(Object.keys(house.fake.seen[0]?.headers ?? {}).filter((name) => name.startsWith("x-openwebui"))).toEqual([]);
    expect(house.fake.seen[0]?.text).not.toContain("joerg");
  });

  test.each<[string, Record<string, string>, string]>([
    ["only an address", { "x-openwebui-user-email": "joerg@example.com" }, "joerg@example.com"],
    ["an id that had to be quoted", { "x-openwebui-user-id": "J%C3%B6rg" }, "Jörg"],
  ])("%s", async (_name, headers, endUser) => {
    house.play();
    const response = await post("/v1/chat/completions", { model: "vllm", messages: question }, headers);
    expect((await rowOf(response, house.box)).endUser).toBe(endUser);
  });

  test("by a token, with FORWARD_USER_INFO_HEADER_JWT_SECRET: its user, not a header's", async () => {
    signed.play();
    const claims = { email: "joerg@example.com", name: "Jörg Müller", role: "user" };
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .setSubject("4f6c1f0a-user")
      .setIssuer("open-webui")
      .setIssuedAt()
      .setExpirationTime("300s")
      .sign(new TextEncoder().encode(SECRET));
    const ask = (headers: object) =>
      signed.box.post("/v1/chat/completions", { model: "anthropic", messages: question }, { headers: { ...KEY, ...headers } as Record<string, string> });
    expect((await rowOf(await ask({ "x-openwebui-user-jwt": token }), signed.box)).endUser).toBe("4f6c1f0a-user");
    expect((await rowOf(await ask(USER), signed.box)).endUser).toBeUndefined();
  });
});

describe.each(KINDS)("a chat over %s", (kind) => {
  test("text, thinking and usage", async () => {
    house.play({ answer: { thinking: "Let me see.", text: "Good morning", usage: { input: 9, output: 4 } } });
    const read = readChat(await (await post("/v1/chat/completions", { ...streamed, model: kind, messages: question })).text());
    expect(read).toMatchObject({ text: "Good morning", finish: "stop", ended: true, error: undefined });
    expect(read.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 4 });
    // OpenAI's chats show no thinking; what vLLM and others write comes in one of the fields that are read.
    if (kind !== "openai") expect(read.thinking).toBe("Let me see.");
  });

  test("two calls at once, by their index, and their results", async () => {
    const tools = [
      { type: "function", function: { name: "clock", description: "The time.", parameters: { type: "object", properties: { zone: { type: "string" } } } } },
    ];
    const zones = ["Asia/Tokyo", "Europe/Rome"];
    house.play({ answer: { toolCalls: zones.map((zone) => ({ name: "clock", arguments: { zone } })) } });
    const read = readChat(await (await post("/v1/chat/completions", { ...streamed, model: kind, messages: question, tools })).text());
    expect(read.finish).toBe("tool_calls");
    expect(read.calls.map(({ name, arguments: text }) => [name, JSON.parse(text)])).toEqual(zones.map((zone) => ["clock", { zone }]));
    house.play({ answer: { text: "Late." } });
    const calls = read.calls.map((call, index) => ({ index, id: `call_${index}`, type: "function", function: call }));
    const results = calls.map(({ id }, index) => ({ role: "tool", tool_call_id: id, content: `it is ${index} o'clock` }));
    const messages = [...question, { role: "assistant", content: "", tool_calls: calls }, ...results];
    expect(readChat(await (await post("/v1/chat/completions", { ...streamed, model: kind, messages, tools })).text()).text).toBe("Late.");
    for (const { content } of results) expect(house.fake.seen[0]?.text).toContain(content);
  });

  test("a task in the background: whole, with its bound", async () => {
    house.play({ answer: { text: '{"title": "A greeting"}' } });
    const task = { model: kind, messages: [{ role: "user", content: "Name this chat as JSON." }], stream: false, max_tokens: 1000 };
    const answer = objectOf((await (await post("/v1/chat/completions", task)).json()) as never);
    expect(objectOf(objectOf(listOf(answer["choices"])[0])["message"])["content"]).toBe('{"title": "A greeting"}');
    expect(BOUND[kind].reduce<unknown>((at, name) => objectOf(at)[name], asked())).toBe(1000);
  });

  test("an image", async () => {
    house.play({ answer: { text: "A dot." } });
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${PIXEL}` } };
    const messages = [{ role: "user", content: [{ type: "text", text: "What is this?" }, image] }];
    expect(readChat(await (await post("/v1/chat/completions", { ...streamed, model: kind, messages })).text()).text).toBe("A dot.");
    expect(house.fake.seen[0]?.text).toContain(PIXEL);
  });

  test("a failure after the first words is a frame it shows", async () => {
    house.play({ answer: { text: "one two three four five six" }, errorFrame: { afterFrames: 4 } });
    const read = readChat(await (await post("/v1/chat/completions", { ...streamed, model: kind, messages: question })).text());
    expect(stringOf(objectOf(read.error)["message"])).toMatch(/./);
  });

  test("a failure before them is a status with an error it shows", async () => {
    house.play({ reply: { status: 500 } });
    const response = await post("/v1/chat/completions", { ...streamed, model: kind, messages: question });
    expect([response.status, response.headers.get("content-type")?.split(";")[0]]).toEqual([502, "application/json"]);
    expect(stringOf(objectOf(objectOf((await response.json()) as never)["error"])["message"])).toMatch(/./);
  });
});

describe.each(KINDS)("API type Responses over %s", (kind) => {
  const message = (role: string, text: string) => ({ type: "message", role, content: [{ type: role === "assistant" ? "output_text" : "input_text", text }] });

  test("the first turn", async () => {
    house.play({ answer: { text: "Good morning" } });
    const body = { stream: true, model: kind, input: [message("user", "Hello")], instructions: "You are a helpful assistant.", max_output_tokens: 500 };
    const events = framesOf(await (await post("/v1/responses", body)).text());
    const deltas = events.filter(({ type }) => type === "response.output_text.delta").map(({ delta }) => delta);
    expect(deltas.join("")).toBe("Good morning");
    expect(events.at(-1)?.["type"]).toBe("response.completed");
    expect(house.fake.seen[0]?.text).toContain("You are a helpful assistant.");
  });

  // It keeps notes of its own in items it does not know.
  test("a later one, with items as it has stored them", async () => {
    house.play({ answer: { text: "It is late." } });
    const noted = { id: "rs_1", status: "completed", started_at: 1_795_000_000.5, ended_at: 1_795_000_001, duration: 1, attributes: {}, _tag_type: "think" };
    const input = [
      message("user", "What time is it?"),
      { type: "reasoning", ...noted, summary: [{ type: "summary_text", text: "I need a clock." }] },
      { type: "function_call", id: "fc_1", call_id: "call_1", name: "clock", arguments: "{}" },
      { type: "function_call_output", call_id: "call_1", output: [{ type: "input_text", text: "it is 11 o'clock" }] },
    ];
    const tools = [{ type: "function", name: "clock", description: "The time.", parameters: { type: "object", properties: {} } }];
    const response = await post("/v1/responses", { stream: true, model: kind, input, tools });
    const events = framesOf(await response.text());
    expect([response.status, events.at(-1)?.["type"]]).toEqual([200, "response.completed"]);
    expect(house.fake.seen[0]?.text).toContain("it is 11 o'clock");
  });
});

test("embeddings for its documents, as numbers", async () => {
  house.play();
  const answer = objectOf((await (await post("/v1/embeddings", { input: ["first", "second"], model: "gemini" })).json()) as never);
  expect(listOf(answer["data"]).map((row) => objectOf(row)["embedding"])).toEqual(["first", "second"].map((text) => vectorOf(text, 8)));
});

describe("its Ollama connection", () => {
  test("version, models, and those in memory", async () => {
    const [version, tags, ps] = await Promise.all(
      ["/api/version", "/api/tags", "/api/ps"].map(async (path) => objectOf((await (await get(path)).json()) as never)),
    );
    expect(version?.["version"]).toMatch(/^\d+\.\d+\.\d+$/);
    expect(listOf(tags?.["models"]).map((row) => objectOf(row)["model"])).toContain("anthropic:latest");
    expect(ps?.["models"]).toEqual([]);
  });

  test("a chat in lines, with the user in the row", async () => {
    house.play({ answer: { text: "Good morning" } });
    const body = { model: "anthropic:latest", messages: question, options: { temperature: 0.8, num_ctx: 8192 }, stream: true };
    const response = await post("/api/chat", body);
    const copy = response.clone();
    const lines = (await response.text())
      .trim()
      .split("\n")
      .map((line) => objectOf(JSON.parse(line)));
    expect(lines.map((line) => objectOf(line["message"])["content"] ?? "").join("")).toBe("Good morning");
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: "stop" });
    expect((await rowOf(copy, house.box)).endUser).toBe("4f6c1f0a-user");
  });
});
