import { describe, expect, test } from "bun:test";
import { geminiOutbound } from "../../src/dialects/gemini/outbound.ts";
import { openaiChatInbound } from "../../src/dialects/openai-chat/inbound.ts";
import { gemini } from "../../src/providers/gemini.ts";
import type { AnswerFacts } from "../../src/vocabulary/dialect.ts";
import { Failure } from "../../src/vocabulary/failure.ts";
import { isObject, type Json, type JsonObject, listOf, objectOf, parseJson, stringOf } from "../../src/vocabulary/json.ts";
import { mergeProfiles, type Profile } from "../../src/vocabulary/profile.ts";
import { type Translation, translations } from "../recordings/recordings.ts";

/**
 * Our translation of OpenAI chats to Gemini and back beside another gateway's, which was checked against the real service. Each
 * difference is a bug of ours or a row of this table.
 */
const DECISIONS: readonly { readonly kind: Translation["kind"]; readonly cases: string; readonly path: RegExp; readonly why: string }[] = [
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
const FACTS: AnswerFacts = { model: "public", requestId: "req_1", created: 0 };

function profileOf(model: string): Profile {
  return mergeProfiles(gemini.profile, ...gemini.families.filter((family) => family.match.test(model)).map((family) => family.profile));
}

/** Ours and theirs of one case, both in one shape. */
function bothSides(one: Translation): { readonly ours: Json; readonly theirs: Json } {
  const call = openaiChatInbound.readCall(
    JSON.stringify({ ...objectOf(one["client_request"]), ...(one.kind === "streaming" ? { stream: true, stream_options: { include_usage: true } } : {}) }),
  );
  switch (one.kind) {
    case "request": {
      const { model, ...theirs } = objectOf(one["expected_upstream_request"]);
      const destination = { model: stringOf(model) ?? "", profile: profileOf(stringOf(model) ?? "") };
      try {
        return { ours: settled(parseJson(geminiOutbound.write(call.request(), destination).body) ?? null), theirs: settled(theirs) };
      } catch (error) {
        if (error instanceof Failure) return { ours: { refused: error.kind }, theirs: settled(theirs) };
        throw error;
      }
    }
    case "response": {
      const ours = openaiChatInbound.writeAnswer(geminiOutbound.readAnswer(one["upstream_response"] as Json), call, FACTS);
      return { ours: answerOf([objectOf(parseJson(ours))], "message"), theirs: answerOf([objectOf(one["expected_client_response"])], "message") };
    }
    case "streaming": {
      const encoder = openaiChatInbound.encoder(call, FACTS);
      const decoder = geminiOutbound.decoder();
      const frames = listOf(one["upstream_response"]).map((json) => ({ event: "", data: JSON.stringify(json), raw: new Uint8Array() }));
      const ours = [...frames.flatMap((frame) => decoder.decode(frame)), ...decoder.close()].map((event) => encoder.encode(event)).join("");
      return { ours: answerOf(chunksOf(ours), "delta"), theirs: answerOf(chunksOf(stringOf(one["expected_client_sse"]) ?? ""), "delta") };
    }
    default:
      return one.kind satisfies never;
  }
}

/** Without members that are null: another way to say nothing. */
function settled(value: Json): Json {
  if (Array.isArray(value)) return value.map(settled);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).flatMap(([name, member]) => (member === null || member === undefined ? [] : [[name, settled(member)] as const]));
  return Object.fromEntries(kept.filter(([name, member]) => !(name === "generationConfig" && isObject(member) && Object.keys(member).length === 0)));
}

function chunksOf(sse: string): JsonObject[] {
  const lines = sse.split("\n").filter((line) => line.startsWith("data: ") && line !== "data: [DONE]");
  return lines.map((line) => objectOf(parseJson(line.slice(6))));
}

/** What a client is told in the end, whole or in pieces: ids are each gateway's own, the last usage counts. */
function answerOf(bodies: readonly JsonObject[], part: "message" | "delta"): Json {
  const choices: Record<string, { text: string; reasoning: string; finish: Json; calls: Record<string, { name: string; arguments: string }> }> = {};
  let usage: JsonObject = {};
  for (const body of bodies) {
    if (isObject(body["usage"])) usage = body["usage"];
    for (const value of listOf(body["choices"]).map(objectOf)) {
      const choice = (choices[String(value["index"])] ??= { text: "", reasoning: "", finish: null, calls: {} });
      const said = objectOf(value[part]);
      choice.text += stringOf(said["content"]) ?? "";
      const reasoning = said["reasoning"];
      choice.reasoning += Array.isArray(reasoning)
        ? reasoning.map((piece) => stringOf(objectOf(piece)["content"]) ?? "").join("")
        : (stringOf(reasoning) ?? "");
      choice.finish = value["finish_reason"] ?? choice.finish;
      for (const [index, each] of listOf(said["tool_calls"]).map(objectOf).entries()) {
        const made = (choice.calls[String(each["index"] ?? index)] ??= { name: "", arguments: "" });
        made.name += stringOf(objectOf(each["function"])["name"]) ?? "";
        made.arguments += stringOf(objectOf(each["function"])["arguments"]) ?? "";
      }
    }
  }
  const details = (name: string, count: string) => objectOf(usage[name])[count] ?? 0;
  return {
    model: bodies[0]?.["model"] ?? null,
    choices: choices as unknown as JsonObject,
    usage: {
      prompt: usage["prompt_tokens"] ?? null,
      completion: usage["completion_tokens"] ?? null,
      total: usage["total_tokens"] ?? null,
      cached: details("prompt_tokens_details", "cached_tokens"),
      reasoning: details("completion_tokens_details", "reasoning_tokens"),
    },
  };
}

/** The paths where two values differ, with what stands there. */
function differences(ours: Json | undefined, theirs: Json | undefined, path = ""): string[] {
  if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
  if (Array.isArray(ours) && Array.isArray(theirs))
    return Array.from({ length: Math.max(ours.length, theirs.length) }, (_, index) => differences(ours[index], theirs[index], `${path}[${index}]`)).flat();
  if (isObject(ours) && isObject(theirs))
    return [...new Set([...Object.keys(ours), ...Object.keys(theirs)])].flatMap((name) =>
      differences(ours[name], theirs[name], path === "" ? name : `${path}.${name}`),
    );
  return [`${path}: ours ${JSON.stringify(ours)?.slice(0, 300)}, theirs ${JSON.stringify(theirs)?.slice(0, 300)}`];
}

const found = cases.flatMap((one) => {
  const { ours, theirs } = bothSides(one);
  return differences(ours, theirs).map((difference) => ({ kind: one.kind, case: one.case, difference }));
});
const decidedBy = (one: (typeof found)[number]) =>
  DECISIONS.filter((row) => row.kind === one.kind && (row.cases === "*" || row.cases.split(" ").includes(one.case)) && row.path.test(one.difference));

describe("openai-chat to gemini, beside another gateway", () => {
  test("no difference is open", () => {
    expect(found.filter((one) => decidedBy(one).length === 0)).toEqual([]);
  });

  test("every decision still decides something", () => {
    const used = new Set(found.flatMap(decidedBy));
    const expected = cases.length > HAND_MADE.length ? DECISIONS.length : 0;
    expect(used.size).toBe(expected);
  });
});
