import { describe, expect, test } from "bun:test";
import type { AnswerFacts } from "../../../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../../../vocabulary/events.ts";
import { Failure } from "../../../../vocabulary/failure.ts";
import type { JsonObject } from "../../../../vocabulary/json.ts";
import { usageOf } from "../../../../vocabulary/usage.ts";
import { incoming } from "../../../shared/incoming.fixture.ts";
import { geminiCountInbound, geminiInbound, geminiListInbound } from "../../inbound.ts";

const FACTS: AnswerFacts = { model: "public", requestId: "req_1", created: 0 };
const callOf = (generationConfig: JsonObject = {}) =>
  geminiInbound.readCall(incoming({ contents: [{ parts: [{ text: "hi" }] }], generationConfig }, {}, "public:streamGenerateContent"));
const THOUGHTS = { thinkingConfig: { includeThoughts: true } };

const START: ChatEvent = { type: "start", id: "r", model: "up" };
const text = (words: string, choice = 0): ChatEvent => ({ type: "text", choice, text: words });
const finish = (reason: "stop" | "length" | "tool-calls" | "refusal" = "stop", choice = 0): ChatEvent => ({ type: "finish", choice, reason });
const USAGE: ChatEvent = { type: "usage", usage: usageOf({ input: 3, output: 2 }) };
const END: ChatEvent = { type: "end" };
const FAILURE: ChatEvent = { type: "failure", failure: new Failure("upstream-error", "It broke.") };

const FROM = { modelVersion: "up", responseId: "r" };
const piece = (part: JsonObject, index = 0) => ({ candidates: [{ content: { parts: [part], role: "model" }, index }], ...FROM });
const ended = (finishReason: string, more: JsonObject = {}, parts: JsonObject[] = [{ text: "" }], index = 0) => ({
  content: { parts, role: "model" },
  finishReason,
  ...more,
  index,
});
const USED = { usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, totalTokenCount: 5 } };

function streamed(events: readonly ChatEvent[], config: JsonObject = {}): unknown[] {
  const encoder = geminiInbound.encoder(callOf(config), FACTS);
  const out = events.map((event) => encoder.encode(event)).join("");
  expect(out === "" || out.endsWith("\n\n")).toBe(true);
  return out
    .split("\n\n")
    .slice(0, -1)
    .map((frame) => JSON.parse(frame.replace(/^data: /, "")));
}
const whole = (events: readonly ChatEvent[], config: JsonObject = {}) => JSON.parse(geminiInbound.writeAnswer(events, callOf(config), FACTS));

const CALLS: ChatEvent[] = [
  START,
  text("Let me see."),
  { type: "tool-call", choice: 0, call: 0, id: "c1", name: "f", signature: "sig" },
  { type: "tool-call", choice: 0, call: 1, id: "c2", name: "g" },
  { type: "tool-call-arguments", choice: 0, call: 0, text: '{"city":' },
  { type: "tool-call-arguments", choice: 0, call: 1, text: "{broken" },
  { type: "tool-call-arguments", choice: 0, call: 0, text: '"Łódź"}' },
  finish("tool-calls"),
  USAGE,
  END,
];
const WHOLE_CALLS = [
  { functionCall: { id: "c1", name: "f", args: { city: "Łódź" } }, thoughtSignature: "sig" },
  { functionCall: { id: "c2", name: "g", args: {} } },
];

describe("a stream", () => {
  test.each<[string, readonly ChatEvent[], readonly unknown[]]>([
    [
      "of text",
      [START, text("Grü"), text(""), text("ße"), finish(), USAGE, END],
      [piece({ text: "Grü" }), piece({ text: "ße" }), { candidates: [ended("STOP")], ...USED, ...FROM }],
    ],
    ["of calls, which come whole and last", CALLS, [piece({ text: "Let me see." }), { candidates: [ended("STOP", {}, WHOLE_CALLS)], ...USED, ...FROM }]],
    [
      "of two candidates",
      [START, text("a"), text("b", 1), finish("length", 1), finish(), END],
      [piece({ text: "a" }), piece({ text: "b" }, 1), { candidates: [ended("STOP"), ended("MAX_TOKENS", {}, [{ text: "" }], 1)], ...FROM }],
    ],
    [
      "with a signature after its text",
      [START, text("a"), { type: "text", choice: 0, text: "", signature: "s" }, finish(), END],
      [piece({ text: "a" }), piece({ text: "", thoughtSignature: "s" }), { candidates: [ended("STOP")], ...FROM }],
    ],
    [
      "of a picture and of sound",
      [
        START,
        { type: "image", choice: 0, mime: "image/png", base64: "aa", signature: "s" },
        { type: "audio", choice: 0, audio: { id: "x", data: "bb" } },
        { type: "audio", choice: 0, audio: { transcript: "x" } },
        finish(),
        END,
      ],
      [
        piece({ inlineData: { mimeType: "image/png", data: "aa" }, thoughtSignature: "s" }),
        piece({ inlineData: { mimeType: "audio/L16;codec=pcm;rate=24000", data: "bb" } }),
        { candidates: [ended("STOP")], ...FROM },
      ],
    ],
    ["of a refusal", [START, { type: "refusal", choice: 0, text: "No." }, finish(), END], [piece({ text: "No." }), { candidates: [ended("SAFETY")], ...FROM }]],
    ["that says nothing", [START, finish("length"), USAGE, END], [{ candidates: [ended("MAX_TOKENS")], ...USED, ...FROM }]],
    [
      "of an upstream that names nothing",
      [{ type: "start" }, { type: "alive" }, finish(), END],
      [{ candidates: [ended("STOP")], modelVersion: "public", responseId: "req_1" }],
    ],
  ])("%s", (_name, events, expected) => {
    expect(streamed(events)).toEqual(expected as unknown[]);
  });

  test("thoughts are for those who asked; proofs of others for nobody", () => {
    const events: ChatEvent[] = [
      START,
      { type: "thinking", choice: 0, text: "Hm." },
      { type: "thinking-signature", choice: 0, signature: "claude's" },
      { type: "thinking-redacted", choice: 0, data: "claude's" },
      { type: "thinking", choice: 0, text: "" },
      text("Yes."),
      finish(),
      END,
    ];
    expect(streamed(events, THOUGHTS)).toEqual([piece({ text: "Hm.", thought: true }), piece({ text: "Yes." }), { candidates: [ended("STOP")], ...FROM }]);
    expect(streamed(events)).toEqual([piece({ text: "Yes." }), { candidates: [ended("STOP")], ...FROM }]);
  });

  test("sources and probabilities come with the end", () => {
    const annotation = { type: "url_citation", url_citation: { url: "https://a", title: "A", start_index: 0, end_index: 2 } };
    const frames = streamed([
      START,
      text("Łódź"),
      { type: "annotation", choice: 0, annotation },
      { type: "logprobs", choice: 0, logprobs: { content: [{ token: "Łódź", logprob: -1 }] } },
      finish(),
      END,
    ]);
    expect(frames.at(-1)).toEqual({
      candidates: [
        ended("STOP", {
          groundingMetadata: {
            groundingChunks: [{ web: { uri: "https://a", title: "A" } }],
            groundingSupports: [{ segment: { startIndex: 0, endIndex: 4, text: "Łó" }, groundingChunkIndices: [0] }],
          },
          logprobsResult: { chosenCandidates: [{ token: "Łódź", logProbability: -1 }], topCandidates: [{ candidates: [] }] },
        }),
      ],
      ...FROM,
    });
  });

  test("that breaks off ends with the error, and calls that were not complete are not made", () => {
    const frames = streamed([...CALLS.slice(0, 5), FAILURE]);
    expect(frames).toEqual([piece({ text: "Let me see." }), { error: expect.objectContaining({ code: 502, message: "It broke.", status: "INTERNAL" }) }]);
  });
});

describe("a whole answer", () => {
  test("joins the pieces of its texts and of its thoughts", () => {
    const events: ChatEvent[] = [
      START,
      { type: "thinking", choice: 0, text: "H" },
      { type: "thinking", choice: 0, text: "m." },
      text("a"),
      text("b"),
      { type: "text", choice: 0, text: "", signature: "s" },
      text("c"),
      finish(),
      USAGE,
      END,
    ];
    const parts = [{ text: "Hm.", thought: true }, { text: "ab", thoughtSignature: "s" }, { text: "c" }];
    expect(whole(events, THOUGHTS)).toEqual({ candidates: [ended("STOP", {}, parts)], ...USED, ...FROM });
  });

  test("of calls", () => {
    expect(whole(CALLS)).toEqual({ candidates: [ended("STOP", {}, [{ text: "Let me see." }, ...WHOLE_CALLS])], ...USED, ...FROM });
  });

  test("of nothing still has a part, and two candidates their own", () => {
    expect(whole([START, finish("refusal"), END])).toEqual({ candidates: [ended("SAFETY")], ...FROM });
    expect(whole([START, text("b", 1), text("a"), finish("stop", 1), finish(), END]).candidates).toEqual([
      ended("STOP", {}, [{ text: "a" }]),
      ended("STOP", {}, [{ text: "b" }], 1),
    ]);
  });

  test("without a usage says none", () => {
    expect(whole([START, text("a"), finish(), END])).not.toHaveProperty("usageMetadata");
  });
});

describe("a stream as a list", () => {
  const listed = (events: readonly ChatEvent[]) => {
    const encoder = geminiListInbound.encoder(callOf(), FACTS);
    return events.map((event) => encoder.encode(event)).join("");
  };
  test("is one JSON array of the same responses, whatever its end, also with comments before it", () => {
    const events = [START, text("a"), text("b"), finish(), USAGE, END];
    expect(JSON.parse(geminiListInbound.comment(FACTS) + listed(events))).toEqual(streamed(events) as never);
    expect(JSON.parse(listed([START, text("a"), FAILURE]))).toEqual(streamed([START, text("a"), FAILURE]) as never);
    expect(JSON.parse(listed([FAILURE]))).toEqual([{ error: expect.objectContaining({ code: 502 }) }] as never);
  });

  test.each<[string, string, string]>([
    ["as Gemini writes it", 'data: {"a": 1.0}\r\n\r\n', '{"a": 1.0}'],
    ["over several lines", 'event: x\ndata:{"a":\ndata: 1}\n\n', '{"a":\n1}'],
    ["that ends what others began", "data: [DONE]\n\n", ""],
    ["without data", ": ka\n\n", ""],
  ])("an upstream's frame %s", (_name, frame, expected) => {
    const encoder = geminiListInbound.encoder(callOf(), FACTS);
    const forwarded = (text: string) => Buffer.from(encoder.forward?.(Buffer.from(text)) ?? "").toString();
    expect(forwarded(frame)).toBe(expected === "" ? "" : `[${expected}`);
    expect(forwarded("data: 2\n\n")).toBe(expected === "" ? "[2" : ",\r\n2");
  });

  test("frames are forwarded as they are where frames are asked for", () => {
    expect(geminiInbound.encoder(callOf(), FACTS).forward).toBeUndefined();
    expect([geminiInbound.streamType, geminiListInbound.streamType, geminiInbound.terminator, geminiListInbound.terminator]).toEqual([
      "text/event-stream",
      "application/json; charset=UTF-8",
      "",
      "]",
    ]);
  });
});

test("a count", () => {
  expect(geminiCountInbound.writeCount(12)).toBe('{"totalTokens":12}');
});
