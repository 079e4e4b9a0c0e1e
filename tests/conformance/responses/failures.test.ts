import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { type JsonObject, objectOf } from "../../../src/vocabulary/json.ts";
import { type Behaviour, failing, HTML_200 } from "../../fakes/upstream/behaviours.ts";
import { KINDS, openResponsesHouse, outputOf, type ResponsesHouse } from "./house.ts";

/** What Responses clients are told when things go wrong: before there is an answer, in the middle of it, and on routes that are not served. */
let house: ResponsesHouse;
beforeAll(async () => {
  house = await openResponsesHouse();
});
afterEach(() => house.fake.play({}));
afterAll(async () => {
  expect(house.box.complaints).toEqual([]);
  await house.stop();
});

const errorOf = (json: JsonObject) => objectOf(json["error"]);
const LONG = "one two three four five six seven eight";

describe("before there is an answer", () => {
  const rows: [string, JsonObject, status: number, code: string, param: string | null][] = [
    ["no such model", { model: "nobody", input: "hi" }, 404, "model_not_found", "model"],
    ["no input", { model: "anthropic" }, 400, "invalid_request_error", "input"],
    [
      "an item of the wrong kind",
      { model: "anthropic", input: [{ role: "user", content: [{ type: "x" }] }] },
      400,
      "invalid_request_error",
      "input[0].content[0].type",
    ],
    [
      "what this provider does not take",
      { model: "anthropic", instructions: "s", input: [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "AAAA" } }] }] },
      400,
      "invalid_request_error",
      "input[0].content[0]",
    ],
    [
      "nor in an output",
      {
        model: "ollama",
        input: [
          { type: "function_call", call_id: "c", name: "f" },
          { type: "function_call_output", call_id: "c", output: [{ type: "input_file", file_id: "f" }] },
        ],
      },
      400,
      "invalid_request_error",
      "input[1].output[0]",
    ],
    ["a hosted tool", { model: "gemini", input: "hi", tools: [{ type: "web_search" }] }, 400, "invalid_request_error", "tools[0].type"],
    [
      "an answer that is not kept",
      { model: "ollama", input: "hi", previous_response_id: "resp_1" },
      400,
      "previous_response_not_found",
      "previous_response_id",
    ],
    ["an item that is not kept", { model: "vllm", input: [{ type: "item_reference", id: "msg_1" }] }, 400, "invalid_request_error", "input[0]"],
    ["a conversation", { model: "openai", conversation: "conv_1" }, 400, "invalid_request_error", "conversation"],
    ["work in the background", { model: "anthropic", input: "hi", background: true }, 400, "invalid_request_error", "background"],
  ];
  test.each(rows)("%s", async (_, body, status, code, param) => {
    for (const stream of [false, true]) {
      const response = await house.box.post("/v1/responses", { ...body, stream });
      expect([response.status, response.headers.get("x-should-retry")]).toEqual([status, "false"]);
      expect(errorOf(objectOf(await response.json()))).toMatchObject({ code, param, type: "invalid_request_error" });
    }
    expect(house.fake.seen).toEqual([]);
  });

  for (const kind of KINDS) {
    test.each<[string, Behaviour, number, string]>([
      ["too many requests", failing(429, 7), 429, "rate_limit_exceeded"],
      ["a broken upstream", failing(500), 502, "upstream_error"],
      ["a web page", HTML_200, 502, "upstream_error"],
    ])(`${kind}: %s`, async (_, behaviour, status, code) => {
      const { status: seen, json, headers } = await house.whole({ model: kind, input: "hi" }, behaviour);
      expect([seen, errorOf(json)["code"]]).toEqual([status, code]);
      expect(headers.get("retry-after")).toBe(status === 429 ? "7" : null);
      const streamed = await house.box.post("/v1/responses", { model: kind, input: "hi", stream: true });
      expect([streamed.status, errorOf(objectOf(await streamed.json()))["code"]]).toEqual([status, code]);
      house.fake.forget();
    });
  }

  test("a wrong key", async () => {
    const response = await house.box.post("/v1/responses", { model: "openai", input: "hi" }, { headers: { authorization: "Bearer wrong" } });
    expect([response.status, errorOf(objectOf(await response.json()))["code"]]).toEqual([401, "invalid_api_key"]);
  });
});

describe("in the middle of a stream", () => {
  for (const kind of KINDS) {
    test.each<[string, Behaviour]>([
      ["a cut", { cut: { afterFrames: 6 } }],
      ["an orderly end", { endAfterFrames: 6 }],
      ["an error frame", { errorFrame: { afterFrames: 6 } }],
    ])(`${kind}: %s makes it a failed response with what was said`, async (_, behaviour) => {
      const before = house.box.records.length;
      const { status, events, response } = await house.stream({ model: kind, input: "hi" }, { answer: { text: LONG }, ...behaviour });
      expect([status, events.at(-1)?.name, response["status"], response["completed_at"]]).toEqual([200, "response.failed", "failed", null]);
      expect(String(objectOf(response["error"])["code"])).toMatch(/^(upstream_error|overloaded)$/);
      const said = JSON.stringify(outputOf(response));
      expect([said.includes("one"), said.includes("eight"), outputOf(response)[0]?.["status"]]).toEqual([true, false, "incomplete"]);
      expect(events.map(({ data }) => data["sequence_number"])).toEqual(events.map((_event, index) => index));
      expect((await house.box.record(before)).outcome).toBe("failed");
    });
  }

  test("a call that was cut is never done: clients would make it", async () => {
    const toolCalls = [{ name: "f", arguments: { city: "Paris, the capital of France" } }];
    const { events, response } = await house.stream(
      { model: "anthropic", input: "hi", tools: [{ type: "function", name: "f" }] },
      { answer: { toolCalls }, cut: { afterFrames: 6 } },
    );
    expect(events.map(({ name }) => name)).not.toContain("response.output_item.done");
    expect(outputOf(response)).toMatchObject([{ type: "function_call", status: "incomplete" }]);
  });
});

test("a failure after the status line and before any event is an error event", async () => {
  const slow = await openResponsesHouse({ policy: { attempts: 1, holdStatus: 1, firstToken: 300, comment: 20 } });
  const { status, raw, events } = await slow.stream({ model: "anthropic", input: "hi" }, { stall: "before-body" });
  expect([status, events.length, events[0]?.name]).toEqual([200, 1, "error"]);
  expect(events[0]?.data).toMatchObject({ type: "error", sequence_number: 0, code: "upstream_timeout", param: null, error: { code: "upstream_timeout" } });
  expect(raw.startsWith(": ka\n\n")).toBe(true);
  await slow.stop();
});

describe("routes", () => {
  /** A GET as a WebSocket client opens it: `fetch` cannot send it. */
  const upgrade = (path: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(house.box.url);
      const socket = connect(Number(port), hostname, () => {
        const fields = ["connection: Upgrade", "upgrade: websocket", "sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ=="];
        socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\n${fields.join("\r\n")}\r\n\r\n`);
      });
      let answer = "";
      socket.on("data", (chunk) => {
        answer += chunk;
        if (answer.endsWith("}}")) socket.destroy();
      });
      socket.on("close", () => resolve(answer));
      socket.on("error", reject);
    });

  test.each(["/v1/responses", "/responses"])("%s as a WebSocket is 426, at once", async (path) => {
    const answer = await upgrade(path);
    expect(answer).toMatch(/^HTTP\/1\.1 426 /);
    expect(answer.toLowerCase()).toContain("x-should-retry: false");
    expect(answer).toContain('"code":"upgrade_required"');
  });

  test("without one it is a method that is not served", async () => {
    const response = await fetch(`${house.box.url}/v1/responses`, { headers: { authorization: "Bearer sb-test" } });
    expect([response.status, errorOf(objectOf(await response.json()))["code"]]).toEqual([405, "method_not_allowed"]);
  });

  test("a base URL without /v1", async () => {
    const response = await house.box.post("/responses", { model: "openai", input: "hi" });
    expect([response.status, objectOf(await response.json())["object"]]).toEqual([200, "response"]);
  });

  test.each(["/v1/responses/input_tokens", "/responses/input_tokens"])("%s is estimated where nobody counts", async (path) => {
    const ask = async (input: string) => {
      const response = await house.box.post(path, { model: "anthropic", input });
      expect(response.status).toBe(200);
      return objectOf(await response.json());
    };
    const few = await ask("hi");
    const many = await ask("hi ".repeat(400));
    expect(few).toEqual({ object: "response.input_tokens", input_tokens: expect.any(Number) });
    expect(Number(many["input_tokens"])).toBeGreaterThan(Number(few["input_tokens"]) + 200);
  });
});
