import { expect, test } from "bun:test";
import { readChatCall } from "../../dialects/openai-chat/read-call.ts";
import { incoming } from "../../dialects/shared/incoming.fixture.ts";
import { systemClock } from "../../vocabulary/clock.ts";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { type Usage, usageOf } from "../../vocabulary/usage.ts";
import { meterFor } from "./meter.ts";
import { Visit } from "./visit.ts";

const call = readChatCall(incoming('{"messages":[{"role":"user","content":"hello"}]}'));
const INPUT = Math.ceil(call.text.length / 4);
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
  ["nothing delivered, nothing counted", [{ type: "start" }], undefined],
])("%s", (_name, events, usage) => {
  const visit = new Visit("req_1", systemClock);
  const hear = meterFor(visit, call);
  for (const event of events) hear(event);
  visit.settle({ status: 200, outcome: "ok" });
  expect(visit.usage).toEqual(usage);
});
