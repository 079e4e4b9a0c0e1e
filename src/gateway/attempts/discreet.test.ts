import { expect, test } from "bun:test";
import { Failure } from "../../vocabulary/failure.ts";
import type { Service } from "../../vocabulary/service.ts";
import { discreet } from "./discreet.ts";

const service = (...secrets: string[]): Service => ({
  name: "up",
  kind: "openai",
  baseUrl: "http://up",
  keys: [{ name: "", headers: {} }],
  secrets,
  routes: {},
});

test("a failure without our credentials is itself", () => {
  const failure = new Failure("invalid-request", "Temperature is too high.", {
    verbatim: { dialect: "openai-chat", status: 400, body: "{}", contentType: "x" },
  });
  expect(discreet(failure, service("sk-secret-key"))).toBe(failure);
  expect(discreet(failure, service())).toBe(failure);
});

test("nobody's keys are passed on in a message", () => {
  const failure = new Failure("upstream-error", "Provider openai: key sk-abc123456789012345678901 is out of funds.");
  expect(discreet(failure, service()).message).toBe("Provider openai: key [redacted] is out of funds.");
});

test("a failure with them keeps everything else, word for word", () => {
  const body = '{"error":{"message":"Bearer sk-secret-key, a\\"quoted\\"one: no."}}';
  const failure = new Failure("invalid-request", "Bearer sk-secret-key and sk-secret-key: no.", {
    upstreamStatus: 400,
    param: "x",
    verbatim: { dialect: "openai-chat", status: 400, body, contentType: "application/json" },
  });
  const { kind, message, facts } = discreet(failure, service("sk-secret-key", 'a"quoted"one'));
  expect([kind, message]).toEqual(["invalid-request", "Bearer [redacted] and [redacted]: no."]);
  expect(facts).toMatchObject({
    upstreamStatus: 400,
    param: "x",
    verbatim: { status: 400, body: '{"error":{"message":"Bearer [redacted], [redacted]: no."}}' },
  });
});
