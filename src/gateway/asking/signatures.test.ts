import { describe, expect, test } from "bun:test";
import type { AssistantPart, ChatRequest } from "../../vocabulary/chat.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { signatureMemory } from "./signatures.ts";

const call = (id: string, args = '{"a":1}', more: object = {}): AssistantPart => ({ type: "tool-call", id, name: "f", arguments: args, ...more });
const request = (...parts: AssistantPart[]): ChatRequest => ({
  model: "m",
  messages: [{ role: "assistant", parts }],
  tools: [],
  stop: [],
  choices: 1,
  stream: false,
  extras: {},
});
const says = (id: string, args = '{"a":1}', signature?: string, index = 0): ChatEvent[] => [
  { type: "tool-call", choice: 0, call: index, id, name: "f", ...(signature === undefined ? {} : { signature }) },
  { type: "tool-call-arguments", choice: 0, call: index, text: args },
];
const THINKS: ChatEvent[] = [
  { type: "thinking", choice: 0, text: "th" },
  { type: "thinking", choice: 0, text: "ink" },
  { type: "thinking-signature", choice: 0, signature: "proof" },
];
const FINISH: ChatEvent = { type: "finish", choice: 0, reason: "tool-calls" };
const KEPT = { type: "thinking", text: "think", signature: "proof" } as const;

function remembering(...events: ChatEvent[]) {
  const memory = signatureMemory();
  const hear = memory.keeper("ann", "claude");
  for (const event of events) hear(event);
  return (given: ChatRequest, user = "ann", family = "claude") => memory.restore(given, user, family).messages[0]?.parts;
}

describe("thinking comes back with the call it led to", () => {
  const restore = remembering(...THINKS, ...says("1"), ...says("2", "{}", undefined, 1), FINISH);
  const rows: [string, AssistantPart[], readonly unknown[]][] = [
    ["before it", [call("1")], [KEPT, call("1")]],
    ["before the first of several", [call("1"), call("2", "{}")], [KEPT, call("1"), call("2", "{}")]],
    ["however the client wrote the arguments again", [call("1", '{ "a": 1 }')], [KEPT, call("1", '{ "a": 1 }')]],
    ["instead of thinking without proof", [{ type: "thinking", text: "summary" }, call("1")], [KEPT, call("1")]],
    [
      "not beside a proof the client kept itself",
      [{ type: "thinking", text: "think", signature: "own" }, call("1")],
      [{ type: "thinking", text: "think", signature: "own" }, call("1")],
    ],
    ["not with another id", [call("9")], [call("9")]],
    ["not with other arguments", [call("1", '{"a":2}')], [call("1", '{"a":2}')]],
    ["not without a call", [{ type: "text", text: "a" }], [{ type: "text", text: "a" }]],
  ];
  test.each(rows)("%s", (_name, parts, expected) => {
    expect(restore(request(...parts))).toEqual(expected as never);
  });
  test("not for another user or another family", () => {
    expect(restore(request(call("1")), "bob")).toEqual([call("1")]);
    expect(restore(request(call("1")), "ann", "gemini-3")).toEqual([call("1")]);
  });
});

test("redacted thinking comes back too, in its place", () => {
  const restore = remembering({ type: "thinking-redacted", choice: 0, data: "d" }, ...THINKS, ...says("1"), FINISH);
  expect(restore(request(call("1")))).toEqual([{ type: "thinking", text: "", redacted: "d" }, KEPT, call("1")]);
});

test("a call's own signature comes back on every call that had one, and the client's own wins", () => {
  const restore = remembering(...says("1", "{}", "s1"), ...says("2", "{}", undefined, 1), ...says("3", "{}", "s3", 2), FINISH);
  expect(restore(request(call("1", "{}"), call("2", "{}"), call("3", "{}", { signature: "own" })))).toEqual([
    call("1", "{}", { signature: "s1" }),
    call("2", "{}"),
    call("3", "{}", { signature: "own" }),
  ]);
});

test("unsigned thinking is not kept", () => {
  const restore = remembering({ type: "thinking", choice: 0, text: "t" }, ...says("1"), FINISH);
  expect(restore(request(call("1")))).toEqual([call("1")]);
});

test.each([
  ["calls", { calls: 2, characters: 1000 }],
  ["characters", { calls: 1000, characters: 8 }],
])("past the bound of %s the oldest is forgotten", (_name, bounds) => {
  const memory = signatureMemory(bounds);
  for (const id of ["1", "2", "3"]) {
    const hear = memory.keeper("ann", "g");
    for (const event of [...says(id, "{}", `s${id}`), FINISH]) hear(event);
  }
  const restored = memory.restore(request(call("1", "{}"), call("2", "{}"), call("3", "{}")), "ann", "g").messages[0]?.parts;
  expect(restored).toEqual([call("1", "{}"), call("2", "{}", { signature: "s2" }), call("3", "{}", { signature: "s3" })]);
});
