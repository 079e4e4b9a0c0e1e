import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { type JsonObject, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { type Behaviour, EMPTY_200, failing, HTML_200, HTML_502, redirectingTo } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";

/** Whatever comes in, from a client or from an upstream: one clear error in OpenAI's shape, one record, no mistake of ours, no secret. */
let fake: FakeUpstream;
let elsewhere: FakeUpstream;
let box: TestBox;
const CAP = 1024 * 1024;
beforeAll(async () => {
  fake = await startFakeUpstream();
  elsewhere = await startFakeUpstream({ answer: { text: "stolen" } });
  box = startBox({
    models: {
      m: [{ kind: "openai-compatible", url: fake.url }],
      "org/модель:8b": [{ kind: "openai-compatible", url: fake.url }],
      claude: [{ kind: "anthropic", url: fake.url }],
      gem: [{ kind: "gemini", url: fake.url }],
      // Ollama gets minutes to load a model: here it does not.
      llama: [{ kind: "ollama", url: fake.url, profile: { deadlines: { firstToken: 500 } } }],
    },
    bodyCap: CAP,
    policy: { attempts: 2, firstToken: 500, idle: 500 },
  });
});
afterEach(() => {
  fake.forget();
  fake.play({});
});
afterAll(async () => {
  expect(box.inFlight()).toBe(0);
  await box.stop();
  await fake.stop();
  await elsewhere.stop();
});

const CHAT = "/v1/chat/completions";
const MESSAGES = [{ role: "user", content: "hi" }];
const SECRETS = /upstream-key|sb-test/;

/** Sends a request and checks what every failure has in common; gives the status and the error. */
async function refused(send: () => Promise<Response>): Promise<{ status: number; error: JsonObject; headers: Headers }> {
  const before = box.records.length;
  const response = await send();
  const text = await response.text();
  const error = objectOf(objectOf(parseJson(text))["error"]);
  expect(Object.keys(error).toSorted()).toEqual(["code", "message", "param", "type"]);
  expect(stringOf(error["message"]) ?? "").not.toBe("");
  expect(response.headers.get("content-type")).toContain("application/json");
  expect(response.headers.get("x-request-id")).toMatch(/^req_/);
  const record = await box.record(before);
  expect(box.records.length).toBe(before + 1);
  expect([record.status, record.outcome]).toEqual([response.status, "failed"]);
  expect(box.complaints).toEqual([]);
  expect(text).not.toMatch(SECRETS);
  expect(JSON.stringify([...response.headers])).not.toMatch(SECRETS);
  expect(JSON.stringify(record)).not.toMatch(SECRETS);
  return { status: response.status, error, headers: response.headers };
}
const post = (body: BodyInit, headers: Record<string, string> = {}) =>
  fetch(box.url + CHAT, { method: "POST", body, headers: { "content-type": "application/json", authorization: "Bearer sb-test", ...headers } });

const BOTTOMLESS = `${'{"properties":{"a":'.repeat(30_000)}{}${"}}".repeat(30_000)}`;

describe("a client's request", () => {
  const rows: [string, unknown, number, string, string | null][] = [
    ["nothing", "", 400, "invalid_request_error", ""],
    ["not JSON", "{oops", 400, "invalid_request_error", ""],
    ["JSON cut short", '{"model":"m","messages":[{"role":"user","content":"h', 400, "invalid_request_error", ""],
    ["a list", "[]", 400, "invalid_request_error", ""],
    ["null", "null", 400, "invalid_request_error", ""],
    ["a form", "model=m&messages=hi", 400, "invalid_request_error", ""],
    ["deeply nested", `${"[".repeat(20_000)}${"]".repeat(20_000)}`, 400, "invalid_request_error", ""],
    ["no model", { messages: MESSAGES }, 400, "invalid_request_error", "model"],
    ["an empty model", { model: "", messages: MESSAGES }, 400, "invalid_request_error", "model"],
    ["a null model", { model: null, messages: MESSAGES }, 400, "invalid_request_error", "model"],
    ["a number for a model", { model: 5, messages: MESSAGES }, 400, "invalid_request_error", "model"],
    ["an unknown model", { model: "gpt-9", messages: MESSAGES }, 404, "model_not_found", "model"],
    ["a model of half a character", '{"model":"\\ud800","messages":[{"role":"user","content":"hi"}]}', 404, "model_not_found", "model"],
    ["a model that is a header", { model: "a\r\nset-cookie: b=c", messages: MESSAGES }, 404, "model_not_found", "model"],
    ["a model as long as a book", { model: "x".repeat(50_000), messages: MESSAGES }, 404, "model_not_found", "model"],
    ["a model that every object has", { model: "__proto__", messages: MESSAGES }, 404, "model_not_found", "model"],
    ["a path for a model", { model: "../../etc/passwd", messages: MESSAGES }, 404, "model_not_found", "model"],
    ["no messages", { model: "m" }, 400, "invalid_request_error", "messages"],
    ["messages of text", { model: "m", messages: "hi" }, 400, "invalid_request_error", "messages"],
    ["a null message", { model: "m", messages: [null] }, 400, "invalid_request_error", "messages[0]"],
    ["a role nobody has", { model: "m", messages: [...MESSAGES, { role: "robot", content: "hi" }] }, 400, "invalid_request_error", "messages[1].role"],
    ["stream as text", { model: "m", messages: MESSAGES, stream: "yes" }, 400, "invalid_request_error", "stream"],
    ["temperature as text", { model: "m", messages: MESSAGES, temperature: "hot" }, 400, "invalid_request_error", "temperature"],
    ["half a choice", { model: "m", messages: MESSAGES, n: 1.5 }, 400, "invalid_request_error", "n"],
    ["tools as an object", { model: "m", messages: MESSAGES, tools: {} }, 400, "invalid_request_error", "tools"],
    ["translated: content as a number", { model: "claude", messages: [{ role: "user", content: 5 }] }, 400, "invalid_request_error", "messages[0].content"],
    [
      "translated: a part nobody knows",
      { model: "gem", messages: [{ role: "user", content: [{ type: "smell" }] }] },
      400,
      "invalid_request_error",
      "messages[0].content[0].type",
    ],
    [
      "translated: a result of no call's id",
      { model: "llama", messages: [{ role: "tool", content: "x" }] },
      400,
      "invalid_request_error",
      "messages[0].tool_call_id",
    ],
    ...["claude", "gem", "llama"].map((model): [string, string, number, string, string] => [
      `translated: a schema without a bottom, for ${model}`,
      JSON.stringify({ model, messages: MESSAGES, tools: [{ type: "function", function: { name: "f", parameters: "DEEP" } }] }).replace('"DEEP"', BOTTOMLESS),
      400,
      "invalid_request_error",
      "",
    ]),
    ["an embedding for a model without", undefined, 404, "model_not_found", "model"],
  ];
  for (const [name, body, status, code, param] of rows) {
    test(name, async () => {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const {
        status: got,
        error,
        headers,
      } = await refused(() => (body === undefined ? box.post("/v1/embeddings", { model: "claude", input: "hi" }) : post(text)));
      expect([got, error["code"], error["param"] ?? ""]).toEqual([status, code, param]);
      expect(headers.get("x-should-retry")).toBe("false");
      expect(fake.seen.length).toBe(0);
    });
  }

  test.each<[string, BodyInit, Record<string, string>, number]>([
    ["bytes that are no UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}, 400],
    ["half a character", new Uint8Array([0x22, 0xd0]), {}, 400],
    ["a compressed body", gzipSync(JSON.stringify({ model: "m", messages: MESSAGES })), { "content-encoding": "gzip" }, 400],
    ["a body over the cap", JSON.stringify({ model: "m", messages: [{ role: "user", content: "x".repeat(CAP) }] }), {}, 413],
  ])("%s", async (_name, body, headers, status) => {
    expect((await refused(() => post(body, headers))).status).toBe(status);
  });

  test("a body over the cap that does not say how long it is", async () => {
    const piece = new TextEncoder().encode("x".repeat(CAP / 8));
    let sent = 0;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        if (sent++ < 9) controller.enqueue(piece);
        else controller.close();
      },
    });
    expect((await refused(() => post(body))).error["code"]).toBe("request_too_large");
  });

  test.each<[string, string, string, number, string]>([
    ["an unknown path", "GET", "/v1/nothing", 404, "not_found"],
    ["an unknown path with a body", "POST", "/v2/chat/completions", 404, "not_found"],
    ["the wrong method", "GET", CHAT, 405, "method_not_allowed"],
    ["a method nobody has", "PURGE", CHAT, 405, "method_not_allowed"],
    ["an unknown model in a path", "GET", "/v1/models/gpt-9", 404, "model_not_found"],
    ["broken escapes in a path", "GET", "/v1/models/%E0%A4%A", 404, "model_not_found"],
  ])("%s", async (_name, method, path, status, code) => {
    const { status: got, error } = await refused(() =>
      fetch(box.url + path, { method, headers: { authorization: "Bearer sb-test" }, ...(method === "POST" ? { body: "{}" } : {}) }),
    );
    expect([got, error["code"]]).toEqual([status, code]);
  });

  test("an unknown key, before the body is read", async () => {
    const { status, error } = await refused(() => post("{oops", { authorization: "Bearer wrong" }));
    expect([status, error["code"]]).toEqual([401, "invalid_api_key"]);
  });

  test("a model with slashes, colons and any script is only a name", async () => {
    const response = await box.post(CHAT, { model: "org/модель:8b", messages: MESSAGES });
    expect(response.status).toBe(200);
    expect(fake.seen[0]?.model).toBe("org/модель:8b");
    for (const path of ["org%2F%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C:8b", "org/%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C:8b", "org/модель:8b"])
      expect(objectOf(await (await fetch(`${box.url}/v1/models/${path}`)).json())["id"]).toBe("org/модель:8b");
  });
});

describe("on a bare socket", () => {
  const { promise: never } = Promise.withResolvers<never>();
  /** Writes and reads until the server closes or has answered. */
  const exchange = (bytes: string, hangUp = false) =>
    new Promise<string>((resolve) => {
      const socket = connect(Number(new URL(box.url).port), "127.0.0.1", () => {
        socket.write(bytes);
        if (hangUp) setTimeout(() => socket.destroy(), 20);
      });
      let heard = "";
      socket.on("data", (data) => {
        heard += data;
        socket.end();
      });
      socket.on("close", () => resolve(heard));
      socket.on("error", () => resolve(heard));
    });
  const alive = async () => expect((await box.post(CHAT, { model: "m", messages: MESSAGES })).status).toBe(200);
  const head = (...lines: string[]) => `${["POST /v1/chat/completions HTTP/1.1", "host: box", ...lines].join("\r\n")}\r\n\r\n`;

  test.each<[string, string, RegExp]>([
    ["headers without end", head(`x-long: ${"a".repeat(600_000)}`), /^HTTP\/1\.1 (400|431) /],
    ["two different lengths", head("content-length: 5", "content-length: 6"), /^HTTP\/1\.1 400 /],
    ["a length and chunks", `${head("content-length: 5", "transfer-encoding: chunked")}0\r\n\r\n`, /^HTTP\/1\.1 400 /],
    ["a length that is none", head("content-length: five"), /^HTTP\/1\.1 400 /],
    ["no HTTP at all", "hello\r\n\r\n", /^HTTP\/1\.1 400 /],
  ])("%s: the parser refuses, the server lives", async (_name, bytes, answer) => {
    expect(await exchange(bytes)).toMatch(answer);
    await alive();
  });

  test("a length beyond the cap is refused before a byte of it", async () => {
    const before = box.records.length;
    expect(await exchange(head("content-type: application/json", `content-length: ${CAP + 1}`))).toMatch(/^HTTP\/1\.1 413 /);
    expect((await box.record(before)).failure).toBe("too-large");
  });

  test("a body cut short is a client that left: one record, nothing asked of anybody", async () => {
    const before = box.records.length;
    await Promise.race([exchange(`${head("content-type: application/json", "content-length: 500")}{"model":"m"`, true), never]);
    expect(await box.record(before)).toMatchObject({ outcome: "client-left", failure: "client-left" });
    expect([fake.seen.length, box.complaints.length]).toEqual([0, 0]);
    await alive();
  });
});

describe("an upstream's answer", () => {
  const rows: [string, Behaviour, number, string, boolean][] = [
    ["HTML with 200", HTML_200, 502, "upstream_error", true],
    ["HTML with 502", HTML_502, 502, "upstream_error", true],
    ["nothing with 200", EMPTY_200, 502, "upstream_error", true],
    ["text", { reply: { headers: { "content-type": "text/plain" }, body: "hello" } }, 502, "upstream_error", true],
    ["JSON of another kind", { reply: { body: { hello: "world" } } }, 502, "upstream_error", true],
    ["JSON null", { reply: { headers: { "content-type": "application/json" }, body: "null" } }, 502, "upstream_error", true],
    ["JSON cut short", { reply: { headers: { "content-type": "application/json" }, body: '{"choices":[' } }, 502, "upstream_error", true],
    ["an error with 200", { reply: { body: { error: { message: "busy", code: 503 } } } }, 503, "overloaded", true],
    ["our key refused", failing(401), 502, "upstream_error", true],
    ["our key forbidden", failing(403), 502, "upstream_error", true],
    ["our account empty", failing(402), 502, "upstream_error", true],
    ["our model gone", failing(404), 502, "upstream_error", true],
    ["too fast", failing(429, 3), 429, "rate_limit_exceeded", true],
    ["too fast for minutes", failing(429, 300), 429, "rate_limit_exceeded", false],
    ["overloaded", failing(503), 503, "overloaded", true],
    ["overloaded, as Anthropic says it", failing(529), 503, "overloaded", true],
    ["a broken one", failing(500), 502, "upstream_error", true],
    ["a number nobody knows", failing(599), 502, "upstream_error", true],
    ["a gateway's timeout", failing(504), 504, "upstream_timeout", true],
    ["a hang-up", { cut: "before-headers" }, 502, "upstream_error", true],
    ["a hang-up in the body", { cut: "before-body" }, 502, "upstream_error", true],
    [
      "compressed rubbish",
      { reply: { headers: { "content-type": "application/json", "content-encoding": "gzip" }, body: "not gzip" } },
      502,
      "upstream_error",
      true,
    ],
    ["silence", { stall: "before-headers" }, 504, "upstream_timeout", true],
  ];
  const ONLY: Record<string, string[]> = { "an error with 200": ["m"], "overloaded, as Anthropic says it": ["m", "claude"] };
  for (const model of ["m", "claude", "gem", "llama"]) {
    for (const stream of [false, true]) {
      describe(`${model}, ${stream ? "streamed" : "whole"}`, () => {
        for (const [name, behaviour, status, code, retry] of rows) {
          // A silent whole answer has nothing but its total deadline, tried elsewhere.
          if (name === "silence" && !stream) continue;
          // Words that only some dialects have.
          if (!(ONLY[name] ?? [model]).includes(model)) continue;
          test(name, async () => {
            fake.play(() => behaviour);
            const { status: got, error, headers } = await refused(() => box.post(CHAT, { model, stream, messages: MESSAGES }));
            expect([got, error["code"], headers.get("x-should-retry")]).toEqual([status, code, retry ? null : "false"]);
            if (name.startsWith("too fast")) expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
            expect(stringOf(error["message"])).not.toContain("<");
          });
        }

        test("a redirect is never followed: our key would go with it", async () => {
          fake.play(() => redirectingTo(`${elsewhere.url}/v1/chat/completions`));
          expect((await refused(() => box.post(CHAT, { model, stream, messages: MESSAGES }))).status).toBe(502);
          expect(elsewhere.seen.length).toBe(0);
        });

        for (const encoding of ["gzip", "zstd", "br", "deflate"] as const) {
          test(`${encoding} is understood`, async () => {
            fake.play({ encoding, answer: { text: "Grüße 👋" } });
            const response = await box.post(CHAT, { model, stream, messages: MESSAGES });
            expect([response.status, response.headers.get("content-encoding")]).toEqual([200, null]);
            const text = await response.text();
            expect(text.includes("Grüße") && text.includes("👋")).toBe(true);
          });
        }

        test("half a character at its end", async () => {
          fake.play(() => ({ halfCharacter: true, answer: { text: "Grüße" } }));
          const before = box.records.length;
          const text = await (await box.post(CHAT, { model, stream, messages: MESSAGES })).text();
          expect(text).toContain('"error"');
          expect((await box.record(before)).outcome).toBe("failed");
          expect(box.complaints).toEqual([]);
        });
      });
    }
  }
});
