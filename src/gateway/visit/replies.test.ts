import { describe, expect, test } from "bun:test";
import { openaiChatInbound } from "../../dialects/openai-chat/inbound.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { answerHeaders, failureReply } from "./replies.ts";
import { Visit } from "./visit.ts";

describe("headers", () => {
  const rows: [string, string, string][] = [
    ["plain", "gpt-4o", "gpt-4o"],
    ["a line break is no header's end", "a\r\nset-cookie: x", "a%0D%0Aset-cookie%3A x"],
    ["any script", "модель", "%D0%BC%D0%BE%D0%B4%D0%B5%D0%BB%D1%8C"],
    ["half a character", "a\ud800", "a%EF%BF%BD"],
    ["a novel", "x".repeat(100_000), "x".repeat(200)],
    ["a novel of surrogate pairs", `a${"👋".repeat(100_000)}`, `a${"%F0%9F%91%8B".repeat(99)}%EF%BF%BD`],
  ];
  test.each(rows)("%s", (_name, model, header) => {
    const visit = new Visit("req_1", systemClock);
    visit.model = model;
    expect(answerHeaders(visit)["x-signalbox-model"]).toBe(header);
    expect(() => new Headers(answerHeaders(visit))).not.toThrow();
  });

  test("many warnings are one header of bounded length", () => {
    const visit = new Visit("req_1", systemClock);
    for (let index = 0; index < 1000; index++) visit.warnings.push("temperature was dropped.");
    expect(answerHeaders(visit)["x-signalbox-warnings"]?.length).toBeLessThan(2100);
  });
});

test("a failure is written in the caller's dialect and settles the visit", () => {
  const visit = new Visit("req_1", systemClock);
  const endings: string[] = [];
  visit.owes((ending) => endings.push(`${ending.status} ${ending.outcome} ${ending.failure?.kind}`));
  expect(failureReply(new Failure("rate-limited", "slow", { retryAfter: 3 }), openaiChatInbound, visit)).toMatchObject({
    status: 429,
    headers: { "retry-after": "3", "x-request-id": "req_1" },
  });
  failureReply(new Failure("internal", "again"), openaiChatInbound, visit);
  expect(endings).toEqual(["429 failed rate-limited"]);
});
