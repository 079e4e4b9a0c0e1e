import { describe, expect, test } from "bun:test";
import { FAILURES, Failure, type FailureKind } from "../../../vocabulary/failure.ts";
import type { Json } from "../../../vocabulary/json.ts";
import { readOpenaiErrorObject, readOpenaiFailure, writeOpenaiFailure, writeOpenaiFailureFrames } from "./failure.ts";

describe("what an upstream says", () => {
  const error = (fields: Record<string, Json>) => JSON.stringify({ error: fields });
  const rows: [string, number, string, FailureKind, string][] = [
    ["OpenAI: bad field", 400, error({ message: "no", type: "invalid_request_error", param: "n", code: null }), "invalid-request", "no"],
    ["OpenAI: too long", 400, error({ message: "long", code: "context_length_exceeded" }), "context-overflow", "long"],
    ["OpenAI: our key", 401, error({ message: "Incorrect API key provided", code: "invalid_api_key" }), "upstream-credentials", "Incorrect API key provided"],
    ["OpenAI: our money", 429, error({ message: "quota", code: "insufficient_quota" }), "upstream-credentials", "quota"],
    ["OpenAI: too fast", 429, error({ message: "slow down", code: "rate_limit_exceeded" }), "rate-limited", "slow down"],
    [
      "OpenAI: no such model",
      404,
      error({ message: "The model `x` does not exist", code: "model_not_found" }),
      "upstream-model-missing",
      "The model `x` does not exist",
    ],
    ["Azure: filter", 400, error({ message: "The response was filtered", code: "content_filter" }), "content-refused", "The response was filtered"],
    ["OpenAI: a forbidden prompt", 400, error({ message: "flagged", code: "invalid_prompt" }), "content-refused", "flagged"],
    ["OpenAI: full", 500, error({ message: "Our servers are currently overloaded.", code: null }), "overloaded", "Our servers are currently overloaded."],
    ["Azure: no deployment", 404, error({ message: "none", code: "DeploymentNotFound" }), "upstream-model-missing", "none"],
    ["DeepSeek: balance", 402, error({ message: "Insufficient Balance" }), "upstream-credentials", "Insufficient Balance"],
    [
      "old vLLM",
      400,
      '{"object":"error","message":"This model\'s maximum context length is 10","type":"BadRequestError","code":400}',
      "context-overflow",
      "This model's maximum context length is 10",
    ],
    [
      "vLLM: no such model",
      404,
      error({ message: "The model `x` does not exist.", type: "NotFoundError", code: 404 }),
      "upstream-model-missing",
      "The model `x` does not exist.",
    ],
    [
      "vLLM: too long",
      400,
      error({
        message: "You passed 99 input tokens. However, the model's context length is only 64 tokens",
        type: "BadRequestError",
        param: "input_tokens",
        code: 400,
      }),
      "context-overflow",
      "You passed 99 input tokens. However, the model's context length is only 64 tokens",
    ],
    [
      "llama.cpp: too long",
      400,
      error({
        code: 400,
        message: "request (619 tokens) exceeds the available context size (512 tokens), try increasing it",
        type: "exceed_context_size_error",
        n_prompt_tokens: 619,
        n_ctx: 512,
      }),
      "context-overflow",
      "request (619 tokens) exceeds the available context size (512 tokens), try increasing it",
    ],
    [
      "llama.cpp: too long to embed",
      500,
      error({
        code: 500,
        message: "input (701 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
        type: "server_error",
      }),
      "context-overflow",
      "input (701 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
    ],
    [
      "llama.cpp: a picture for a model without eyes",
      500,
      error({ code: 500, message: "image input is not supported - hint: you may need to provide the mmproj", type: "server_error" }),
      "invalid-request",
      "image input is not supported - hint: you may need to provide the mmproj",
    ],
    [
      "llama.cpp: not started for it",
      501,
      error({ code: 501, message: "This server does not support embeddings.", type: "not_supported_error" }),
      "upstream-model-missing",
      "This server does not support embeddings.",
    ],
    ["llama.cpp: loading", 503, error({ message: "Loading model", type: "unavailable_error", code: 503 }), "overloaded", "Loading model"],
    ["Mistral, FastAPI", 422, '{"detail":[{"loc":["body"],"msg":"field required"},{"msg":"wrong"}]}', "invalid-request", "field required; wrong"],
    ["a sentence", 400, '{"detail":"bad"}', "invalid-request", "bad"],
    ["an error that is text", 400, '{"error":"bad"}', "invalid-request", "bad"],
    ["an array around it", 503, `[${error({ message: "busy" })}]`, "overloaded", "busy"],
    ["HTML", 502, "<html>502</html>", "upstream-error", "The upstream answered 502 without saying why."],
    ["nothing", 500, "", "upstream-error", "The upstream answered 500 without saying why."],
    ["JSON that is no object", 500, "null", "upstream-error", "The upstream answered 500 without saying why."],
  ];
  test.each(rows)("%s", (_name, status, text, kind, message) => {
    const failure = readOpenaiFailure({ status, headers: new Headers(), text }, "openai-chat");
    expect([failure.kind, failure.message]).toEqual([kind, message]);
    expect(failure.facts.upstreamStatus).toBe(status);
  });

  test.each<[number | string, string, boolean]>([
    ["context_length_exceeded", "This model's maximum context length is 8 tokens.", true],
    [400, "This model's maximum context length is 8 tokens.", false],
    [400, "request (9 tokens) exceeds the available context size (8 tokens)", false],
  ])("an overflow whose code is %p is told as OpenAI's clients know it: %s", (code, message, unreworded) => {
    const text = JSON.stringify({ error: { message, type: "BadRequestError", param: null, code } });
    const { status, body } = writeOpenaiFailure(readOpenaiFailure({ status: 400, headers: new Headers(), text }, "openai-chat"), "req_1");
    expect([status, JSON.parse(body)]).toMatchObject([400, { error: { code: "context_length_exceeded" } }]);
    expect(body === text).toBe(unreworded);
    expect(body).toContain("This model's maximum context length is 8 tokens.");
  });

  test("about the request is kept unreworded, about anything else is not", () => {
    const body = '{"error":{"message":"no","param":"messages[0]","new_field":1.0}}';
    const headers = new Headers({ "content-type": "application/json; charset=utf-8" });
    const about = readOpenaiFailure({ status: 422, headers, text: body }, "openai-chat");
    expect(about.facts.param).toBe("messages[0]");
    expect(writeOpenaiFailure(about, "req_1")).toEqual({
      status: 422,
      headers: { "content-type": "application/json; charset=utf-8", "x-should-retry": "false" },
      body,
    });
    for (const status of [401, 429, 500]) expect(readOpenaiFailure({ status, headers, text: body }, "openai-chat").facts.verbatim).toBeUndefined();
    expect(readOpenaiFailure({ status: 400, headers, text: "<html>" }, "openai-chat").facts.verbatim).toBeUndefined();
  });
});

test.each<[Json, FailureKind, string]>([
  [{ message: "down", code: 503 }, "overloaded", "down"],
  [{ message: "slow", code: "429" }, "rate-limited", "slow"],
  [{ message: "long", code: "context_length_exceeded" }, "context-overflow", "long"],
  [{ message: "full", code: "server_is_overloaded" }, "overloaded", "full"],
  [{ message: "broke", type: "server_error" }, "upstream-error", "broke"],
  [{ message: "odd", type: "invalid_request_error" }, "invalid-request", "odd"],
  ["broke", "upstream-error", "broke"],
  [{}, "upstream-error", "The upstream reported an error without a message."],
])("an error inside a 200: %j", (value, kind, message) => {
  const failure = readOpenaiErrorObject(value);
  expect([failure.kind, failure.message]).toEqual([kind, message]);
});

describe("what a client is told", () => {
  // An overflow's words are its own: below.
  const kinds = (Object.keys(FAILURES) as FailureKind[]).filter((kind) => kind !== "context-overflow");
  test.each(kinds)("%s has OpenAI's shape and says whether to try again", (kind) => {
    const { status, headers, body } = writeOpenaiFailure(new Failure(kind, "what went wrong"), "req_1");
    const row = FAILURES[kind];
    expect(status).toBe(row.status);
    expect(JSON.parse(body)).toEqual({
      error: { message: "what went wrong", type: row.type, param: kind === "model-not-found" ? "model" : null, code: row.code },
    });
    expect(headers["x-should-retry"]).toBe(row.retry ? undefined : "false");
  });

  test.each<[number, string, string | undefined, string | undefined]>([
    [0.2, "1", "200", undefined],
    [1.2345, "2", "1235", undefined],
    [0, "0", undefined, undefined],
    [60, "60", undefined, undefined],
    [61, "61", undefined, "false"],
  ])("a wait of %p seconds", (retryAfter, header, milliseconds, retry) => {
    const { headers } = writeOpenaiFailure(new Failure("rate-limited", "wait", { retryAfter }), "req_1");
    expect([headers["retry-after"], headers["retry-after-ms"], headers["x-should-retry"]]).toEqual([header, milliseconds, retry]);
  });

  test("an upstream's wait in milliseconds reaches the client as it was", () => {
    const failure = readOpenaiFailure({ status: 429, headers: new Headers({ "retry-after-ms": "350" }), text: "{}" }, "openai-chat");
    expect(writeOpenaiFailure(failure, "req_1").headers).toMatchObject({ "retry-after": "1", "retry-after-ms": "350" });
  });

  test("words of another dialect are not passed on", () => {
    const verbatim = { dialect: "anthropic-messages", status: 400, body: '{"type":"error"}', contentType: "application/json" };
    expect(JSON.parse(writeOpenaiFailure(new Failure("invalid-request", "no", { verbatim }), "").body)).toMatchObject({ error: { message: "no" } });
  });

  test("in a stream it is a frame and the end mark", () => {
    expect(writeOpenaiFailureFrames(new Failure("upstream-error", "broke"))).toBe(
      'data: {"error":{"message":"broke","type":"server_error","param":null,"code":"upstream_error"}}\n\ndata: [DONE]\n\n',
    );
  });
});

describe("a prompt that does not fit is told in OpenAI's words, whoever said it", () => {
  const start = "This model's maximum context length is";
  const rows: [string, string][] = [
    ["prompt is too long: 9000 tokens > 8192 maximum", `${start} 8192 tokens. However, your messages resulted in 9000 tokens.`],
    [
      "input length and `max_tokens` exceed context limit: 5000 + 4000 > 8192, decrease input length or `max_tokens` and try again",
      `${start} 8192 tokens. However, you requested 9000 tokens (5000 in the messages, 4000 in the completion).`,
    ],
    [
      "The input token count (9000) exceeds the maximum number of tokens allowed (8192).",
      `${start} 8192 tokens. However, your messages resulted in 9000 tokens.`,
    ],
    ["the context window is full", `${start} exceeded: the context window is full`],
    [
      `${start} 8192 tokens. However, your messages resulted in 9000 tokens. Shorten them.`,
      `${start} 8192 tokens. However, your messages resulted in 9000 tokens. Shorten them.`,
    ],
  ];
  test.each(rows)("%s", (message, expected) => {
    const { status, headers, body } = writeOpenaiFailure(new Failure("context-overflow", message), "req_1");
    expect([status, headers["x-should-retry"]]).toEqual([400, "false"]);
    expect(JSON.parse(body)).toEqual({ error: { message: expected, type: "invalid_request_error", param: null, code: "context_length_exceeded" } });
  });
});
