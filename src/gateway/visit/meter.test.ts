import { expect, test } from "bun:test";
import { readChatCall } from "../../dialects/openai-chat/read-call.ts";
import { incoming } from "../../dialects/shared/incoming.fixture.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { type Usage, usageOf } from "../../vocabulary/usage.ts";
import { meterFor } from "./meter.ts";
import { Visit } from "./visit.ts";

const call = readChatCall(incoming('{"messages":[{"role":"user","content":"hello"}]}'));
/** As estimated: the text, and what stands around a message. */
const INPUT = 6;
const text = (said: string): ChatEvent => ({ type: "text", choice: 0, text: said });

test.each<[string, ChatEvent[], Usage | undefined]>([
  [
    "the last report counts",
    [text("a"), { type: "usage", usage: usageOf({ output: 1 }) }, { type: "usage", usage: usageOf({ output: 2 }) }],
    usageOf({ output: 2 }),
  ],
  [
    "without a report what was delivered is counted",
    [text("eight ch"), { type: "thinking", choice: 0, text: "four" }, { type: "tool-call-arguments", choice: 0, call: 0, text: "{}" }],
    usageOf({ input: INPUT, output: 4, evidence: "counted" }),
  ],
  ["in bytes, so that no script is cheaper than another", [text("приветик")], usageOf({ input: INPUT, output: 4, evidence: "counted" })],
  ["a piece is a token at least", [text("a"), text("b"), text("c")], usageOf({ input: INPUT, output: 3, evidence: "counted" })],
  ["nothing delivered, nothing counted", [{ type: "start" }], undefined],
])("%s", (_name, events, usage) => {
  const visit = new Visit("req_1", systemClock);
  const hear = meterFor(visit, call);
  for (const event of events) hear(event);
  visit.settle({ status: 200, outcome: "ok" });
  expect(visit.usage).toEqual(usage);
});

test.each<[string, ChatEvent[], Usage]>([
  [
    "what came after the last report was delivered too",
    [{ type: "usage", usage: usageOf({ input: 9, output: 1 }) }, text("eight ch"), text("eight ch")],
    usageOf({ input: 9, output: 4, evidence: "counted" }),
  ],
  ["a report of more than that stands", [text("a"), { type: "usage", usage: usageOf({ input: 9, output: 7 }) }], usageOf({ input: 9, output: 7 })],
])("broken off: %s", (_name, events, usage) => {
  const visit = new Visit("req_1", systemClock);
  const hear = meterFor(visit, call);
  for (const event of events) hear(event);
  expect(visit.soFar?.()).toEqual(usage);
  visit.settle({ status: 200, outcome: "client-left" });
  expect(visit.usage).toEqual(usage);
});
