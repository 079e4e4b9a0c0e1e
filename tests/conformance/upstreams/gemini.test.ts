import { describe, expect, test } from "bun:test";
import { geminiOutbound } from "../../../src/dialects/gemini/outbound.ts";
import { gemini } from "../../../src/providers/gemini.ts";
import { isObject, type Json } from "../../../src/vocabulary/json.ts";
import { type Translation, translations } from "../../recordings/recordings.ts";
import { type Decision, differences, verdict } from "../recorded/differential.ts";
import { bothSides } from "./both-sides.ts";

/**
 * Our translation of OpenAI chats to Gemini and back beside another gateway's, which was checked against the real service. Each
 * difference is a bug of ours or a row of this table.
 */
const DECISIONS: readonly Decision[] = [
  {
    kind: "request",
    cases: "chatCompletionsUrlBackedVideoFileParam",
    path: /^(refused|contents):/,
    why: "Not every model and not Vertex fetches any https address, so the profile says no by default and the client is asked for a data: URL.",
  },
  {
    kind: "request",
    cases: "frequencyPenaltyParam",
    path: /^generationConfig: ours \{"frequencyPenalty":0\.5\}, theirs undefined$/,
    why: "They lose the penalty without a word; Gemini has it, and a model that refuses it gets a profile that drops it with a warning.",
  },
  {
    kind: "request",
    cases: "nMultipleCompletionsParam",
    path: /^generationConfig: ours \{"candidateCount":2\}, theirs undefined$/,
    why: "They answer with one choice where two were asked for.",
  },
  {
    kind: "request",
    cases: "reasoningEffortNoneParam",
    path: /^generationConfig\.thinkingConfig\./,
    why: "Unspecified means the model's default, which is a lot of thinking: none becomes the least there is, with a warning, and nothing is shown.",
  },
  {
    kind: "request",
    cases: "textFormatTextParam",
    path: /^generationConfig: ours undefined, theirs \{"responseMimeType":"text\/plain"\}$/,
    why: "text/plain is Gemini's default.",
  },
  {
    kind: "streaming",
    cases: "systemMessageArrayContent",
    path: /^usage\./,
    why: "The recorded stream was cut before its finishReason: they end it as if it were whole, ours fails, and the usage goes to the books instead of the client.",
  },
];

const HAND_MADE: readonly Translation[] = [
  {
    from: "openai-chat",
    to: "gemini",
    case: "hand-made",
    kind: "request",
    client_request: {
      model: "m",
      messages: [
        { role: "system", content: "s" },
        { role: "user", content: "u" },
      ],
      max_completion_tokens: 9,
    },
    expected_upstream_request: {
      model: "gemini-3-x",
      systemInstruction: { parts: [{ text: "s" }] },
      contents: [{ role: "user", parts: [{ text: "u" }] }],
      generationConfig: { maxOutputTokens: 9, responseSchema: null },
    },
  },
  {
    from: "openai-chat",
    to: "gemini",
    case: "hand-made, a file in Cloud Storage",
    kind: "request",
    client_request: { model: "m", messages: [{ role: "user", content: [{ type: "file", file: { filename: "a.mp4", file_data: "gs://bucket/a.mp4" } }] }] },
    expected_upstream_request: {
      model: "gemini-3-x",
      contents: [{ role: "user", parts: [{ fileData: { fileUri: "gs://bucket/a.mp4", mimeType: "video/mp4" } }] }],
    },
  },
  {
    from: "openai-chat",
    to: "gemini",
    case: "hand-made",
    kind: "response",
    client_request: { model: "m", messages: [{ role: "user", content: "u" }] },
    upstream_response: {
      candidates: [{ content: { parts: [{ text: "a" }] }, finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, thoughtsTokenCount: 3 },
      modelVersion: "gemini-3-x",
    },
    expected_client_response: {
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "a", annotations: [] } }],
      model: "gemini-3-x",
      usage: { prompt_tokens: 1, completion_tokens: 5, total_tokens: 6, completion_tokens_details: { reasoning_tokens: 3 } },
    },
  },
  {
    from: "openai-chat",
    to: "gemini",
    case: "hand-made",
    kind: "streaming",
    client_request: { model: "m", messages: [{ role: "user", content: "u" }] },
    upstream_response: [
      {
        candidates: [{ content: { parts: [{ text: "a" }] }, finishReason: "STOP", index: 0 }],
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 },
        modelVersion: "gemini-3-x",
      },
    ],
    expected_client_sse:
      'data: {"choices":[{"delta":{"content":"a","role":"assistant"},"finish_reason":"stop","index":0}],"model":"gemini-3-x","usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}\n\ndata: [DONE]\n\n',
  },
];

const cases = [...HAND_MADE, ...translations("openai-chat", "gemini")];
/** Without members that are null: another way to say nothing. */
function settled(value: Json): Json {
  if (Array.isArray(value)) return value.map(settled);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, member]) => (member === null || member === undefined ? [] : [[name, settled(member)] as const]));
  return Object.fromEntries(kept.filter(([name, member]) => !(name === "generationConfig" && isObject(member) && Object.keys(member).length === 0)));
}

const compared = cases.map((one) => {
  const { ours, theirs } = bothSides(one, { outbound: geminiOutbound, provider: gemini, ids: "own ids" });
  return { kind: one.kind, case: one.case, found: differences(settled(ours), settled(theirs)) };
});

describe("openai-chat to gemini, beside another gateway", () => {
  const { open, used } = verdict("openai-chat to gemini", compared, DECISIONS);

  test("no difference is open", () => {
    expect(open).toEqual([]);
  });

  test("every decision still decides something", () => {
    expect(used.size).toBe(cases.length > HAND_MADE.length ? DECISIONS.length : 0);
  });
});
