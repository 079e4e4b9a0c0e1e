import { expect, test } from "bun:test";
import { openaiResponsesOutbound } from "./outbound.ts";

const { crossing, readFailure } = openaiResponsesOutbound;

test("what means something to both ends crosses, and nothing that says whose account it is", () => {
  const up = ["openai-beta", "x-openai-subagent", "x-codex-turn-metadata", "originator", "session-id", "session_id", "thread-id", "x-client-request-id"];
  const down = ["openai-processing-ms", "openai-version", "openai-model", "x-codex-turn-state", "x-models-etag", "x-reasoning-included"];
  const never = [
    "authorization",
    "cookie",
    "openai-organization",
    "openai-project",
    "x-request-id",
    "x-api-key",
    "set-cookie",
    "x-stainless-lang",
    "xx-codex-a",
  ];
  const matching = (pattern: RegExp | undefined) => [...up, ...down, ...never].filter((name) => pattern?.test(name));
  expect(matching(crossing?.asked)).toEqual([...up, "x-codex-turn-state"]);
  expect(matching(crossing?.answered)).toEqual(["x-codex-turn-metadata", ...down]);
});

test("what an upstream says of the client's request may be told as it is", () => {
  const text = '{"error":{"message":"Unknown parameter: \'input[0].id\'.","type":"invalid_request_error","param":"input[0].id","code":"unknown_parameter"}}';
  const failure = readFailure({ status: 400, headers: new Headers({ "content-type": "application/json" }), text });
  expect([failure.kind, failure.facts.param]).toEqual(["invalid-request", "input[0].id"]);
  expect(failure.facts.verbatim).toEqual({ dialect: "openai-responses", status: 400, body: text, contentType: "application/json" });
});
