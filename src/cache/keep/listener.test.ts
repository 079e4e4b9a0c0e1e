import { describe, expect, test } from "bun:test";
import type { ChatEvent } from "../../vocabulary/events.ts";
import { Failure } from "../../vocabulary/failure.ts";
import { usageOf } from "../../vocabulary/usage.ts";
import { answerIn, bytesOf } from "./answer.ts";
import { Listener } from "./listener.ts";

const START: ChatEvent = { type: "start", id: "id", model: "gpt", created: 5 };
const END: ChatEvent = { type: "end" };
const text = (said: string, choice = 0, signature?: string): ChatEvent => ({
  type: "text",
  choice,
  text: said,
  ...(signature === undefined ? {} : { signature }),
});
const thinking = (said: string): ChatEvent => ({ type: "thinking", choice: 0, text: said });
const call = (at: number): ChatEvent => ({ type: "tool-call", choice: 0, call: at, id: `c${at}`, name: "f" });
const words = (at: number, said: string): ChatEvent => ({ type: "tool-call-arguments", choice: 0, call: at, text: said });
const finish = (reason: Extract<ChatEvent, { type: "finish" }>["reason"], choice = 0): ChatEvent => ({ type: "finish", choice, reason });
const usage = (output: number): ChatEvent => ({ type: "usage", usage: usageOf({ output }) });

function heard(events: readonly ChatEvent[], more: { most?: number; mayBeCut?: boolean } = {}) {
  const listener = new Listener({ most: 10_000, mayBeCut: false, id: "req_1", created: 7, ...more });
  for (const event of events) listener.hear(event);
  return listener.heard();
}

describe("kept", () => {
  const rows: [string, ChatEvent[], ChatEvent[]][] = [
    [
      "pieces of one text as one",
      [START, text("a"), { type: "alive" }, text("b"), thinking("c"), thinking("d"), text("e"), finish("stop"), END],
      [START, text("ab"), thinking("cd"), text("e"), finish("stop"), END],
    ],
    [
      "calls that come in turns, each piece in its place",
      [START, call(0), words(0, "{"), words(0, "}"), call(1), words(1, "["), words(0, " "), words(1, "]"), finish("tool-calls"), END],
      [START, call(0), words(0, "{}"), call(1), words(1, "["), words(0, " "), words(1, "]"), finish("tool-calls"), END],
    ],
    [
      "choices apart",
      [START, text("a"), text("b", 1), text("c"), finish("stop"), finish("stop", 1), END],
      [START, text("a"), text("b", 1), text("c"), finish("stop"), finish("stop", 1), END],
    ],
    [
      "a signature with its piece",
      [START, text("a"), text("b", 0, "s"), text("c"), finish("stop"), END],
      [START, text("a"), text("b", 0, "s"), text("c"), finish("stop"), END],
    ],
    [
      "the last usage, last",
      [START, usage(1), text("a"), usage(2), text("b"), finish("stop"), usage(3), END],
      [START, text("ab"), finish("stop"), usage(3), END],
    ],
    [
      "a beginning for what has none",
      [text("a"), finish("stop"), END],
      [{ type: "start", id: "req_1", model: undefined, created: 7 }, text("a"), finish("stop"), END],
    ],
  ];
  test.each(rows)("%s", (_name, events, expected) => expect(heard(events)).toEqual(expected));

  test("a cut that the client asked for", () => {
    const events = [START, text("a"), finish("length"), END];
    expect([heard(events), heard(events, { mayBeCut: true })?.length]).toEqual([undefined, 4]);
  });

  test("and read again as it was", () => {
    const events = heard([START, text("a — ü", 0, "s"), finish("stop"), usage(3), END]) ?? [];
    const answer = { said: { type: "chat", events }, madeAt: 1, warnings: ["w"] } as const;
    expect(answerIn(bytesOf(answer))).toMatchObject(answer);
    expect([answerIn(new TextEncoder().encode("{}")), answerIn(new Uint8Array([1]))]).toEqual([undefined, undefined]);
  });
});

test.each<[string, ChatEvent[]]>([
  ["without an end", [START, text("a"), finish("stop")]],
  ["without a reason", [START, text("a"), END]],
  ["without a reason for one of its choices", [START, text("a"), text("b", 1), finish("stop"), finish("stop"), END]],
  ["without a word", [START, text(""), finish("stop"), END]],
  ["of thinking alone that was paused", [START, thinking("a"), finish("pause"), END]],
  ["withheld", [START, text("a"), finish("content-filter"), END]],
  ["refused by its finish", [START, text("a"), finish("refusal"), END]],
  ["refused", [START, { type: "refusal", choice: 0, text: "no" }, finish("stop"), END]],
  ["failed", [START, text("a"), { type: "failure", failure: new Failure("upstream-error", "x") }, finish("stop"), END]],
  ["spoken", [START, { type: "audio", choice: 0, audio: { id: "a" } }, finish("stop"), END]],
  ["too large", [START, text("a".repeat(5000)), text("b".repeat(5000)), text("c"), finish("stop"), END]],
])("not kept: an answer %s", (_name, events) => expect(heard(events)).toBeUndefined());
