import { describe, expect, test } from "bun:test";
import type { Frame } from "../../../vocabulary/dialect.ts";
import type { ChatEvent } from "../../../vocabulary/events.ts";
import type { Json, JsonObject } from "../../../vocabulary/json.ts";
import { usageOf } from "../../../vocabulary/usage.ts";
import { decoder, readAnswer } from "./decode.ts";

const frame = (json: Json | string): Frame => ({ event: "", data: typeof json === "string" ? json : JSON.stringify(json), raw: new Uint8Array() });

/** A stream's events, those of `close` included. */
function streamed(...frames: (Json | string)[]): ChatEvent[] {
  const reading = decoder();
  const events = frames.flatMap((json) => reading.decode(frame(json)));
  return [...events, ...reading.close()];
}

/** A failure by kind and words: the error object itself says nothing more here. */
function plain(events: readonly ChatEvent[]): unknown[] {
  return events.map((event) => (event.type === "failure" ? { failure: event.failure.kind, message: event.failure.message } : event));
}

const candidate = (parts: Json[], rest: JsonObject = {}): JsonObject => ({ content: { role: "model", parts }, index: 0, ...rest });
const response = (candidates: JsonObject[], rest: JsonObject = {}): JsonObject => ({ candidates, modelVersion: "gemini-x", responseId: "r1", ...rest });
const used = (prompt: number, output: number): JsonObject => ({ usageMetadata: { promptTokenCount: prompt, candidatesTokenCount: output } });

const START = { type: "start", id: "r1", model: "gemini-x" } as const;
const text = (said: string, choice = 0) => ({ type: "text", choice, text: said }) as const;
const finish = (reason: string, choice = 0, detail?: string) => ({ type: "finish", choice, reason, ...(detail === undefined ? {} : { detail }) });
const usage = (prompt: number, output: number) => ({ type: "usage", usage: usageOf({ input: prompt, output }) });
const END = { type: "end" } as const;
const broken = (message: string, failure = "upstream-error") => ({ failure, message: expect.stringContaining(message) as string });
const MINTED = expect.stringMatching(/^call_[0-9a-f]{28}$/) as unknown as string;

const CASES: readonly { readonly name: string; readonly frames: readonly (Json | string)[]; readonly events: readonly unknown[] }[] = [
  {
    name: "text in pieces; the last usage counts",
    frames: [response([candidate([{ text: "Hel" }])], used(5, 1)), response([candidate([{ text: "lo" }], { finishReason: "STOP" })], used(5, 2))],
    events: [START, text("Hel"), text("lo"), finish("stop"), usage(5, 2), END],
  },
  {
    name: "thoughts, their signature, and a signature behind the text",
    frames: [
      response([candidate([{ text: "hm", thought: true, thoughtSignature: "a" }, { text: "yes" }])]),
      response([candidate([{ text: "", thoughtSignature: "b" }], { finishReason: "STOP" })]),
    ],
    events: [
      START,
      { type: "thinking", choice: 0, text: "hm" },
      { type: "thinking-signature", choice: 0, signature: "a" },
      text("yes"),
      { type: "text", choice: 0, text: "", signature: "b" },
      finish("stop"),
      END,
    ],
  },
  {
    name: "cases 9 and 10: several calls in one frame are several calls, and STOP with calls is tool-calls",
    frames: [
      response([
        candidate([{ functionCall: { name: "a", args: { x: 1 } }, thoughtSignature: "s" }, { functionCall: { id: "given", name: "_x_2b" } }], {
          finishReason: "STOP",
        }),
      ]),
      response([candidate([{ functionCall: { name: "a", args: { x: 1 } } }])]),
    ],
    events: [
      START,
      { type: "tool-call", choice: 0, call: 0, id: MINTED, name: "a", signature: "s" },
      { type: "tool-call-arguments", choice: 0, call: 0, text: '{"x":1}' },
      { type: "tool-call", choice: 0, call: 1, id: "given", name: "2b" },
      { type: "tool-call-arguments", choice: 0, call: 1, text: "{}" },
      { type: "tool-call", choice: 0, call: 2, id: MINTED, name: "a" },
      { type: "tool-call-arguments", choice: 0, call: 2, text: '{"x":1}' },
      finish("tool-calls"),
      END,
    ],
  },
  {
    name: "case 20: candidates interleave",
    frames: [
      response([candidate([{ text: "a" }]), candidate([{ text: "b" }], { index: 1 })]),
      response([candidate([{ text: "B" }], { index: 1, finishReason: "MAX_TOKENS" })]),
      response([candidate([{ text: "A" }], { finishReason: "STOP" })]),
    ],
    events: [START, text("a"), text("b", 1), text("B", 1), text("A"), finish("stop"), finish("length", 1), END],
  },
  {
    name: "case 19: a blocked prompt has no candidates and still one choice",
    frames: [{ promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, responseId: "r1", modelVersion: "gemini-x", ...used(5, 0) }],
    events: [START, finish("content-filter", 0, "PROHIBITED_CONTENT"), usage(5, 0), END],
  },
  {
    name: "blocked halfway",
    frames: [response([candidate([{ text: "a" }])]), response([{ finishReason: "SAFETY", finishMessage: "why", index: 0 }])],
    events: [START, text("a"), finish("content-filter", 0, "SAFETY: why"), END],
  },
  {
    name: "a malformed function call is a failure, its cost is known, and nothing follows",
    frames: [
      response([{ finishReason: "MALFORMED_FUNCTION_CALL", finishMessage: "Malformed", index: 0 }], used(5, 3)),
      response([candidate([{ text: "late" }])]),
    ],
    events: [START, usage(5, 3), broken("MALFORMED_FUNCTION_CALL: Malformed")],
  },
  {
    name: "reasons by their numbers",
    frames: [
      response([candidate([{ text: "a" }], { finishReason: 2 }), candidate([{ text: "b" }], { index: 1, finishReason: 1 })]),
      response([candidate([{ text: "c" }], { index: 2, finishReason: 0 })]),
      response([candidate([], { index: 2, finishReason: 99 })]),
    ],
    events: [START, text("a"), text("b", 1), text("c", 2), finish("length"), finish("stop", 1), finish("stop", 2), END],
  },
  { name: "OTHER is a failure", frames: [response([candidate([{ text: "a" }], { finishReason: "OTHER" })])], events: [START, text("a"), broken("OTHER")] },
  {
    name: "a reason nobody knows yet",
    frames: [response([candidate([{ text: "a" }], { finishReason: "NEW" })])],
    events: [START, text("a"), finish("stop")].concat([END] as never[]),
  },
  {
    name: "an error inside the stream",
    frames: [response([candidate([{ text: "a" }])]), { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } }],
    events: [START, text("a"), broken("overloaded", "overloaded")],
  },
  {
    name: "an error in a list",
    frames: [[{ error: { code: 429, message: "Exhausted.", status: "RESOURCE_EXHAUSTED" } }]],
    events: [broken("Exhausted.", "rate-limited")],
  },
  { name: "a web page instead of frames", frames: ["<html>"], events: [broken("not JSON")] },
  {
    name: "cut before the finish",
    frames: [response([candidate([{ text: "a" }])], used(5, 1))],
    events: [START, text("a"), usage(5, 1), broken("before its answer was finished")],
  },
  {
    name: "one of two candidates cut",
    frames: [response([candidate([{ text: "a" }], { finishReason: "STOP" }), candidate([{ text: "b" }], { index: 1 })])],
    events: [START, text("a"), text("b", 1), broken("before its answer was finished")],
  },
  {
    name: "a candidate beyond number",
    frames: [response([candidate([{ text: "a" }], { index: 1e308 })])],
    events: [START, broken("numbered a candidate 1e+308")],
  },
  { name: "nothing at all", frames: [], events: [broken("without a candidate")] },
  {
    name: "blank frames and [DONE] say nothing",
    frames: ["", "[DONE]", response([candidate([{ text: "a" }], { finishReason: "STOP" })])],
    events: [START, text("a"), finish("stop"), END],
  },
  {
    name: "pictures and sound",
    frames: [
      response([
        candidate([{ inlineData: { mimeType: "image/PNG", data: "AAAA" } }, { inlineData: { mimeType: "audio/L16;codec=pcm;rate=24000", data: "BBBB" } }], {
          finishReason: "STOP",
        }),
      ]),
    ],
    events: [
      START,
      { type: "image", choice: 0, mime: "image/png", base64: "AAAA" },
      { type: "audio", choice: 0, audio: { id: expect.stringMatching(/^audio_/) as string, data: "BBBB" } },
      finish("stop"),
      END,
    ],
  },
  {
    name: "a signed picture, and drafts of it that were only thought",
    frames: [
      response([
        candidate(
          [
            { thought: true, inlineData: { mimeType: "image/png", data: "draft" } },
            { inlineData: { mimeType: "image/png", data: "AAAA" }, thoughtSignature: "sig" },
          ],
          { finishReason: "STOP" },
        ),
      ]),
    ],
    events: [START, { type: "image", choice: 0, mime: "image/png", base64: "AAAA", signature: "sig" }, finish("stop"), END],
  },
  {
    name: "code Gemini ran itself",
    frames: [
      response([
        candidate(
          [
            { executableCode: { language: "PYTHON", code: "print(1)\n" } },
            { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1\n" } },
            { codeExecutionResult: { outcome: "OUTCOME_FAILED", output: "no" } },
            { toolCall: {}, thoughtSignature: "server-side" },
          ],
          { finishReason: "STOP" },
        ),
      ]),
    ],
    events: [START, text("\n```python\nprint(1)\n```\n"), text("\n```\n1\n```\n"), text("\n```\nOUTCOME_FAILED\nno\n```\n"), finish("stop"), END],
  },
  {
    name: "citations come last, their bytes counted as characters",
    frames: [
      response([candidate([{ text: "Früh: " }])]),
      response([
        candidate([{ text: "sieben." }], {
          finishReason: "STOP",
          groundingMetadata: {
            groundingChunks: [{ web: { uri: "https://a.example", title: "A" } }, { web: { uri: "https://b.example" } }],
            groundingSupports: [{ segment: { startIndex: 7, endIndex: 14 }, groundingChunkIndices: [0, 1, 9] }],
          },
        }),
      ]),
      response([candidate([], { groundingMetadata: {} })]),
    ],
    events: [
      START,
      text("Früh: "),
      text("sieben."),
      {
        type: "annotation",
        choice: 0,
        annotation: { type: "url_citation", url_citation: { start_index: 6, end_index: 13, url: "https://a.example", title: "A" } },
      },
      {
        type: "annotation",
        choice: 0,
        annotation: { type: "url_citation", url_citation: { start_index: 6, end_index: 13, url: "https://b.example", title: "" } },
      },
      finish("stop"),
      END,
    ],
  },
  {
    name: "log probabilities in OpenAI's shape",
    frames: [
      response([
        candidate([{ text: "é" }], {
          finishReason: "STOP",
          logprobsResult: {
            chosenCandidates: [{ token: "é", tokenId: 1, logProbability: -0.5 }],
            topCandidates: [
              {
                candidates: [
                  { token: "é", logProbability: -0.5 },
                  { token: "e", logProbability: -2 },
                ],
              },
            ],
          },
        }),
      ]),
    ],
    events: [
      START,
      text("é"),
      {
        type: "logprobs",
        choice: 0,
        logprobs: {
          content: [
            {
              token: "é",
              logprob: -0.5,
              bytes: [195, 169],
              top_logprobs: [
                { token: "é", logprob: -0.5, bytes: [195, 169] },
                { token: "e", logprob: -2, bytes: [101] },
              ],
            },
          ],
          refusal: null,
        },
      },
      finish("stop"),
      END,
    ],
  },
];

describe("a stream and a whole answer give the same events", () => {
  test.each(CASES.map((each) => [each.name, each] as const))("%s", (_name, { frames, events }) => {
    expect(plain(streamed(...frames))).toEqual([...events]);
    if (frames.every((each) => typeof each !== "string")) expect(plain(readAnswer((frames as Json[]).flat()))).toEqual([...events]);
  });
});

describe("readAnswer", () => {
  test("one response is an answer", () => {
    expect(readAnswer(response([candidate([{ text: "a" }], { finishReason: "STOP" })], used(1, 2)))).toEqual([
      START,
      text("a"),
      finish("stop"),
      usage(1, 2),
      END,
    ] as ChatEvent[]);
  });

  test.each<[string, Json]>([
    ["a word", "busy"],
    ["nothing", null],
    ["a list of words", ["busy"]],
  ])("%s is none", (_name, json) => {
    expect(plain(readAnswer(json))).toEqual([broken("not a JSON object")]);
  });
});

describe("minted ids", () => {
  const calls = (...names: string[]) =>
    response([
      candidate(
        names.map((name) => ({ functionCall: { name, args: {} } })),
        { finishReason: "STOP" },
      ),
    ]);
  const ids = (json: Json) => readAnswer(json).flatMap((event) => (event.type === "tool-call" ? [event.id] : []));

  test("are the same for the same answer", () => expect(ids(calls("a", "a"))).toEqual(ids(calls("a", "a"))));
  test("differ between the calls of one answer", () => expect(new Set(ids(calls("a", "a", "b"))).size).toBe(3));
  test("differ between answers", () => expect(ids(calls("a"))).not.toEqual(ids({ ...calls("a"), responseId: "r2" })));
});

test("nothing is said after the end", () => {
  const reading = decoder();
  reading.decode(frame(response([candidate([{ text: "a" }], { finishReason: "STOP" })])));
  expect(reading.close().at(-1)).toEqual(END);
  expect(reading.close()).toEqual([]);
  expect(reading.decode(frame(response([candidate([{ text: "late" }])])))).toEqual([]);
});
