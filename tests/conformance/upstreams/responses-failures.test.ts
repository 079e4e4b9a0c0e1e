import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { type JsonObject, objectOf } from "../../../src/vocabulary/json.ts";
import { type Behaviour, EMPTY_200, failing, HTML_200, HTML_502 } from "../../fakes/upstream/behaviours.ts";
import { type FakeUpstream, startFakeUpstream } from "../../fakes/upstream/server.ts";
import { startBox, type TestBox } from "../../harness/box.ts";
import { hearChatStream } from "../hearers/openai-chat.ts";

/** Upstreams of the Responses API that fail, break off or frame oddly, and what a chat client notices of it. */
let sick: FakeUpstream;
let well: FakeUpstream;
let box: TestBox;
beforeAll(async () => {
  sick = await startFakeUpstream();
  well = await startFakeUpstream({ answer: { text: "well" } });
  const responses = { kind: "openai", url: sick.url, model: "gpt-5-codex", profile: { deadlines: { firstToken: 300, idle: 300, total: 5000 } } };
  box = startBox({
    models: {
      alone: [responses],
      twice: [responses, { kind: "openai", url: well.url, model: "o3-pro" }],
      elsewhere: [responses],
      claude: [{ kind: "anthropic", url: well.url, model: "claude-sonnet-4-5" }],
      from: [{ kind: "anthropic", url: sick.url, model: "claude-sonnet-4-5" }],
      codex: [{ kind: "openai", url: well.url, model: "gpt-5-codex" }],
    },
    fallbacks: { elsewhere: ["claude"], from: ["codex"] },
    policy: { attempts: 2 },
  });
});
afterEach(() => {
  sick.forget();
  well.forget();
});
afterAll(async () => {
  expect(box.complaints).toEqual([]);
  await box.stop();
  await sick.stop();
  await well.stop();
});

const ask = (model: string, stream: boolean) => box.post("/v1/chat/completions", { model, stream, messages: [{ role: "user", content: "hello" }] });
const ANSWER = { text: "one two three" };
const event = (json: JsonObject) => `event: ${json["type"]}\ndata: ${JSON.stringify(json)}\n\n`;
const failed = (error: JsonObject): Behaviour => ({
  reply: {
    headers: { "content-type": "text/event-stream" },
    frames: [event({ type: "response.failed", response: { id: "resp_1", status: "failed", error } })],
  },
});

describe("before content another deployment answers, and the client never knows", () => {
  const rows: [string, Behaviour][] = [
    ["500", failing(500)],
    ["429", failing(429)],
    ["our key", failing(401)],
    ["no such model", failing(404)],
    ["HTML with 502", HTML_502],
    ["HTML with 200", HTML_200],
    ["nothing with 200", EMPTY_200],
    ["cut before the body", { cut: "before-body" }],
    ["cut after response.created", { cut: { afterFrames: 2 } }],
    ["an orderly end after response.created", { endAfterFrames: 2 }],
    ["an error event", { errorFrame: { afterFrames: 2 } }],
    ["response.failed", failed({ code: "server_error", message: "Sorry." })],
    ["silence", { stall: { afterFrames: 2 } }],
  ];
  for (const model of ["twice", "elsewhere"] as const) {
    test.each(rows)(`${model}: %s`, async (_name, behaviour) => {
      sick.play(behaviour);
      // Deployments take turns: the sick one's comes again with the next request at the latest.
      for (let turn = 0; turn < 2 && sick.seen.length === 0; turn++) {
        const response = await ask(model, true);
        const heard = hearChatStream(await response.text());
        expect([response.status, heard.text, heard.finish, heard.error, heard.problems]).toEqual([200, "well", "stop", undefined, []]);
      }
      expect(sick.seen.length).toBeGreaterThan(0);
    });
  }

  test("and a Responses upstream steps in for another family's", async () => {
    sick.play(failing(529));
    const response = await ask("from", true);
    expect(hearChatStream(await response.text())).toMatchObject({ text: "well", finish: "stop", problems: [] });
    expect(well.seen[0]?.path).toBe("/v1/responses");
  });
});

describe("after content the stream ends with an error", () => {
  test.each<[string, Behaviour]>([
    ["a cut", { answer: ANSWER, cut: { afterFrames: 5 } }],
    ["an orderly end in the middle", { answer: ANSWER, endAfterFrames: 5 }],
    ["an error event", { answer: ANSWER, errorFrame: { afterFrames: 5 } }],
    ["no response.completed", { answer: ANSWER, drop: ["end"] }],
    ["silence", { answer: ANSWER, stall: { afterFrames: 5 } }],
  ])("%s", async (_name, behaviour) => {
    sick.play(behaviour);
    const heard = hearChatStream(await (await ask("alone", true)).text());
    expect(heard.text).toStartWith("one ");
    expect([heard.finish, typeof heard.error?.["message"], heard.problems]).toEqual([undefined, "string", []]);
    expect(sick.seen).toHaveLength(1);
  });
});

describe("what a client is told", () => {
  const own = (code: string, message: string) => ({ error: { message, type: "invalid_request_error", param: "input[0]", code } });
  test.each<[string, Behaviour, status: number, code: string | null, type: string]>([
    [
      "its own mistake, in the upstream's words",
      { reply: { status: 400, body: own("unknown_parameter", "Unknown.") } },
      400,
      "unknown_parameter",
      "invalid_request_error",
    ],
    [
      "too long, in the upstream's words",
      { reply: { status: 400, body: own("context_length_exceeded", "Too long.") } },
      400,
      "context_length_exceeded",
      "invalid_request_error",
    ],
    ["too fast", failing(429, 7), 429, "rate_limit_exceeded", "rate_limit_error"],
    ["our key", failing(401), 502, "upstream_error", "server_error"],
    [
      "an answer that failed",
      { reply: { body: { id: "resp_1", status: "failed", output: [], error: { code: "server_error", message: "Sorry." } } } },
      502,
      "upstream_error",
      "server_error",
    ],
    ["a Response that is none", { reply: { body: { choices: [] } } }, 502, "upstream_error", "server_error"],
  ])("%s", async (_name, behaviour, status, code, type) => {
    sick.play(behaviour);
    const response = await ask("alone", false);
    expect([response.status, objectOf(objectOf(await response.json())["error"])]).toEqual([status, expect.objectContaining({ code, type })]);
    expect(response.headers.get("retry-after")).toBe(status === 429 ? "7" : null);
  });

  test.each<[string, string, number, string]>([
    ["context_length_exceeded", "Too long.", 400, "context_length_exceeded"],
    ["invalid_prompt", "Flagged.", 400, "content_filter"],
    ["image_parse_error", "No picture.", 400, "invalid_request_error"],
    ["rate_limit_exceeded", "Slow down.", 429, "rate_limit_exceeded"],
  ])("%s inside of a stream that said nothing else", async (code, message, status, told) => {
    sick.play(failed({ code, message }));
    const response = await ask("alone", true);
    expect(response.status).toBe(status);
    expect(objectOf(objectOf(await response.json())["error"])).toMatchObject({ code: told });
  });
});

describe("however it is framed, it says the same", () => {
  test.each<Behaviour>([
    { chunks: 1 },
    { chunks: 7 },
    { chunks: 64 },
    { chunks: "whole" },
    { framing: { newline: "\r\n", comments: true } },
    { framing: { newline: "\r" } },
    { framing: { bom: true, fields: true } },
    { framing: { multiline: true } },
    { framing: { tight: true } },
    { framing: { pings: true } },
    { encoding: "gzip" },
    { encoding: "zstd" },
    { length: "until-close" },
  ])("%j", async (behaviour) => {
    sick.play({ ...behaviour, answer: { thinking: "Hm, so.", text: "Grüße, 世界!", toolCalls: [{ id: "call_1", name: "f", arguments: { a: "ñ" } }] } });
    expect(hearChatStream(await (await ask("alone", true)).text())).toMatchObject({
      text: "Grüße, 世界!",
      thinking: "Hm, so.",
      calls: [{ id: "call_1", name: "f", arguments: { a: "ñ" } }],
      finish: "tool_calls",
      error: undefined,
      problems: [],
    });
  });

  test("even in one piece, though a stream was asked for", async () => {
    const output = [{ type: "message", role: "assistant", content: [{ type: "output_text", text: "whole" }] }];
    sick.play({ reply: { headers: { "content-type": "application/json" }, body: { id: "resp_1", model: "m", created_at: 1, status: "completed", output } } });
    expect(hearChatStream(await (await ask("alone", true)).text())).toMatchObject({ text: "whole", finish: "stop", problems: [] });
  });
});

describe("a proof that is not the first account's", () => {
  const error = { message: "The encrypted content gAAA could not be verified.", type: "invalid_request_error", param: null, code: "invalid_encrypted_content" };
  const refusal: Behaviour = { reply: { status: 400, body: { error } } };
  const input = [
    { type: "reasoning", id: "rs_68", encrypted_content: "gAAA", summary: [] },
    { role: "user", content: "go on" },
  ];
  const ask = (model: string) => box.post("/v1/responses", { model, input });

  test("may be another's: that is asked", async () => {
    sick.play(refusal);
    expect((await ask("elsewhere")).status).toBe(200);
    expect([sick.seen.length, well.seen.length]).toEqual([1, 1]);
  });

  test("and nobody's: the words of whoever refused it last", async () => {
    sick.play(refusal);
    const response = await ask("alone");
    expect([response.status, await response.json()]).toEqual([400, { error }]);
  });
});
