import { describe, expect, test } from "bun:test";
import type { Route } from "../gateway/visit/exchange.ts";
import type { FailureFace } from "../vocabulary/dialect.ts";
import { Failure } from "../vocabulary/failure.ts";
import { routeTable } from "./route-table.ts";

const handle = () => ({ status: 200, headers: {}, body: "" });
const route = (method: string, path: string): Route => ({ method, path, admits: "anyone", handle });
const table = routeTable([
  route("GET", "/"),
  route("POST", "/v1/chat"),
  route("GET", "/v1/models"),
  route("GET", "/v1/models/*"),
  route("GET", "/v1/files"),
  route("POST", "/v1/files"),
]);

/** The rest of a match, or what is wrong. */
function found(method: string, path: string): string {
  try {
    return `found ${table.find(method, path).rest}`.trim();
  } catch (thrown) {
    if (thrown instanceof Failure) return `${thrown.kind}: ${thrown.message}`;
    throw thrown;
  }
}

describe("routes", () => {
  test.each([
    ["POST", "/v1/chat", "found"],
    ["POST", "/v1/chat/", "found"],
    ["GET", "/", "found"],
    ["GET", "/v1/models", "found"],
    ["GET", "/v1/models/", "found"],
    ["HEAD", "/v1/models", "found"],
    ["GET", "/v1/models/a", "found a"],
    ["HEAD", "/v1/models/a", "found a"],
    ["GET", "/v1/models/a/b:c", "found a/b:c"],
    ["GET", "/v1/models/a%2Fb", "found a%2Fb"],
    ["GET", "/v1/chat", "method-not-allowed: /v1/chat takes POST, not GET."],
    ["PUT", "/v1/files", "method-not-allowed: /v1/files takes GET or POST, not PUT."],
    ["POST", "/v1/models/a", "method-not-allowed: /v1/models/a takes GET, not POST."],
    ["GET", "/v1/chats", "not-found: There is no GET /v1/chats here."],
    ["GET", "/v1/constructor", "not-found: There is no GET /v1/constructor here."],
    ["POST", "//v1/chat", "not-found: There is no POST //v1/chat here."],
  ])("%s %s", (method, path, expected) => {
    expect(found(method, path)).toBe(expected);
  });
});

describe("in whose words a failure is told", () => {
  const face = (name: string): FailureFace => ({ idHeader: name, writeFailure: () => ({ status: 500, headers: {}, body: "" }) });
  const faced = routeTable([
    { ...route("POST", "/v1/messages"), face: face("a") },
    { ...route("POST", "/v1/messages/count"), face: face("b") },
    route("POST", "/v1/other"),
  ]);
  test.each([
    ["/v1/messages", "a"],
    ["/v1/messages/", "a"],
    ["/v1/messages/batches/1", "a"],
    ["/v1/messages/count", "b"],
    ["/v1/messagesx", undefined],
    ["/v1/other", undefined],
    ["/", undefined],
    ["", undefined],
  ])("at %s", (path, name) => {
    expect(faced.face(path)?.idHeader).toBe(name as string);
  });
});
