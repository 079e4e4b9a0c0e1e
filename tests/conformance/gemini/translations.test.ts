import { describe, expect, test } from "bun:test";
import { geminiInbound } from "../../../src/dialects/gemini/inbound.ts";
import { chatOutbound } from "../../../src/dialects/index.ts";
import { incoming } from "../../../src/dialects/shared/incoming.fixture.ts";
import { profileFor } from "../../../src/providers/index.ts";
import type { AnswerFacts, DialectName } from "../../../src/vocabulary/dialect.ts";
import { Failure } from "../../../src/vocabulary/failure.ts";
import { type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import { type Translation, translations } from "../../recordings/recordings.ts";
import { type Decision, differences, verdict } from "../recorded/differential.ts";

/**
 * Our translation of Google's chats to OpenAI and Anthropic, and of their answers back, beside another gateway's, which was checked
 * against the real services. Each difference is a bug of ours or a row of these tables.
 */
const TARGETS: readonly { readonly dialect: DialectName; readonly kind: string; readonly decisions: readonly Decision[] }[] = [
  {
    dialect: "openai-chat",
    kind: "openai",
    decisions: [
      {
        kind: "request",
        cases: "instructionsParam systemMessageArrayContent",
        path: /^messages\[/,
        why: "They lose the instructions.",
      },
      {
        kind: "request",
        cases: "googleThinkingJsonSchemaParam textFormatJsonSchemaParam",
        path: /^response_format\.json_schema\.(name: ours "answer"|schema\.additionalProperties)/,
        why: "Formats without a name are called answer here; additionalProperties is asked for by strict schemas only, and Google's are not.",
      },
      {
        kind: "request",
        cases: "googleThinkingJsonSchemaParam reasoningEffortLowParam reasoningSummaryParam",
        path: /^reasoning_effort:/,
        why: "Budgets of tokens become efforts by one table for all upstreams.",
      },
      {
        kind: "request",
        cases: "webSearchToolAdvancedParam webSearchToolParam",
        path: /^(refused|tools|messages|model|web_search_options)/,
        why: "A search that nobody makes is another answer: it is refused by name.",
      },
    ],
  },
  {
    dialect: "anthropic-messages",
    kind: "anthropic",
    decisions: [
      {
        kind: "request",
        cases: "instructionsParam systemMessageArrayContent",
        path: /^system:/,
        why: "They lose the instructions.",
      },
      {
        kind: "request",
        cases: "reasoningEffortLowParam reasoningSummaryParam",
        path: /^(thinking\.|output_config)/,
        why: "Newer models are told to think by effort, and to show it where the client asks.",
      },
      {
        kind: "request",
        cases: "*",
        path: /^(max_tokens: ours 16000, theirs 4096$|thinking\.budget_tokens: ours \d+, theirs (1024|4096)$)/,
        why: "No bound means a long answer, and the budget is a share of it: docs/decisions/0005-claude-max-tokens.md.",
      },
      { kind: "request", cases: "thinkingLevelParam", path: /^thinking\.budget_tokens/, why: "Efforts become a part of the bound by a table of ours." },
      {
        kind: "request",
        cases: "webSearchToolAdvancedParam webSearchToolParam",
        path: /^(refused|tools|messages|model|max_tokens)/,
        why: "A search that nobody makes is another answer: it is refused by name.",
      },
      {
        kind: "response",
        cases: "googleThinkingJsonSchemaParam thinkingLevelParam",
        path: /^parts\[0\]\.thoughtSignature/,
        why: "Claude's proofs are not shown to a client that would send them to Gemini; they are kept here.",
      },
      {
        kind: "response",
        cases: "webSearchToolAdvancedParam webSearchToolParam",
        path: /^parts/,
        why: "Searches that Claude made itself are no calls for the client to answer; its text is one text.",
      },
    ],
  },
];

const ASKED: JsonObject = { contents: [{ role: "user", parts: [{ text: "u" }] }], generationConfig: { maxOutputTokens: 9, topK: 3 } };
const MADE: Readonly<Record<string, readonly Translation[]>> = {
  "openai-chat": [
    {
      from: "gemini",
      to: "openai-chat",
      case: "hand-made",
      kind: "request",
      client_request: ASKED,
      expected_upstream_request: { model: "gpt-4", messages: [{ role: "user", content: "u" }], max_tokens: 9 },
    },
    {
      from: "gemini",
      to: "openai-chat",
      case: "hand-made",
      kind: "response",
      client_request: ASKED,
      upstream_response: {
        id: "c",
        model: "gpt-4",
        choices: [{ index: 0, message: { role: "assistant", content: "a" }, finish_reason: "length" }],
        usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      },
      expected_client_response: {
        candidates: [{ content: { parts: [{ text: "a" }], role: "model" }, finishReason: "MAX_TOKENS", index: 0 }],
        modelVersion: "gpt-4",
        usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
      },
    },
    {
      from: "gemini",
      to: "openai-chat",
      case: "hand-made",
      kind: "streaming",
      client_request: ASKED,
      upstream_response: [{ id: "c", model: "gpt-4", choices: [{ index: 0, delta: { content: "a" }, finish_reason: "stop" }] }],
      expected_client_sse:
        'data: {"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"finishReason":"STOP","index":0}],"modelVersion":"gpt-4"}\n\n',
    },
  ],
  "anthropic-messages": [
    {
      from: "gemini",
      to: "anthropic-messages",
      case: "hand-made",
      kind: "request",
      client_request: ASKED,
      expected_upstream_request: { model: "claude-3-5-sonnet-latest", max_tokens: 9, messages: [{ role: "user", content: "u" }], top_k: 3 },
    },
  ],
};

const FACTS: AnswerFacts = { model: "public", requestId: "req_1", created: 0 };

/** What a client is told in the end, whole or in pieces: parts of one kind joined, the last usage. Ids are each gateway's own. */
function answerOf(bodies: readonly JsonObject[]): Json {
  const parts: JsonObject[] = [];
  let finish: Json = null;
  let usage: JsonObject = {};
  for (const body of bodies) {
    usage = { ...usage, ...objectOf(body["usageMetadata"]) };
    const candidate = objectOf(listOf(body["candidates"])[0]);
    finish = candidate["finishReason"] ?? finish;
    for (const part of listOf(objectOf(candidate["content"])["parts"]).map(objectOf)) {
      const { id: _id, ...call } = objectOf(part["functionCall"]);
      const last = parts.at(-1);
      const text = stringOf(part["text"]);
      if (
        text === "" ||
        (text !== undefined && last !== undefined && typeof last["text"] === "string" && last["thought"] === part["thought"] && bodies.length > 1)
      ) {
        if (text !== "" && last !== undefined) last["text"] = `${last["text"]}${text}`;
      } else parts.push(part["functionCall"] === undefined ? { ...part } : { ...part, functionCall: call });
    }
  }
  const count = (name: string) => usage[name] ?? 0;
  return {
    model: bodies[0]?.["modelVersion"] ?? null,
    parts,
    finish,
    usage: ["promptTokenCount", "cachedContentTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "totalTokenCount"].map(count),
  };
}

const framesIn = (sse: string): JsonObject[] => sse.split("\n").flatMap((line) => (line.startsWith("data: ") ? [objectOf(parseJson(line.slice(6)))] : []));

/** Ours and theirs of one case, both in one shape. */
function bothSides(one: Translation, { dialect, kind }: (typeof TARGETS)[number]): { readonly ours: Json; readonly theirs: Json } {
  const call = geminiInbound.readCall(incoming(one["client_request"] as Json, {}, "m:generateContent"));
  switch (one.kind) {
    case "request": {
      const theirs = objectOf(one["expected_upstream_request"]);
      const model = stringOf(theirs["model"]) ?? "";
      try {
        return { ours: parseJson(chatOutbound(dialect).write(call.request(), { model, profile: profileFor(kind, model) }).body) ?? null, theirs };
      } catch (error) {
        if (error instanceof Failure) return { ours: { refused: error.facts.param ?? "" }, theirs };
        throw error;
      }
    }
    case "response": {
      const ours = geminiInbound.writeAnswer(chatOutbound(dialect).readAnswer(one["upstream_response"] as Json), call, FACTS);
      return { ours: answerOf([objectOf(parseJson(ours))]), theirs: answerOf([objectOf(one["expected_client_response"])]) };
    }
    case "streaming": {
      const decoder = chatOutbound(dialect).decoder();
      const encoder = geminiInbound.encoder(call, FACTS);
      const frames = listOf(one["upstream_response"]).map((json) => ({ event: "", data: JSON.stringify(json), raw: new Uint8Array() }));
      const ours = [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()].map((event) => encoder.encode(event)).join("");
      return { ours: answerOf(framesIn(ours)), theirs: answerOf(framesIn(stringOf(one["expected_client_sse"]) ?? "")) };
    }
    default:
      return one.kind satisfies never;
  }
}

describe.each(TARGETS.map((target) => [target.dialect, target] as const))("gemini to %s, beside another gateway", (dialect, target) => {
  const made = MADE[dialect] ?? [];
  const cases = [...made, ...translations("gemini", dialect)];
  const compared = cases.map((one) => {
    const { ours, theirs } = bothSides(one, target);
    return { kind: one.kind, case: one.case, found: differences(ours, theirs) };
  });
  const { open, used } = verdict(`gemini to ${dialect}`, compared, target.decisions);

  test("no difference is open", () => {
    expect(open).toEqual([]);
  });

  test("every decision still decides something", () => {
    expect(used.size).toBe(cases.length > made.length ? target.decisions.length : 0);
  });
});
