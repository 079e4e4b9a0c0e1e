import { describe, expect, test } from "bun:test";
import { geminiEmbeddingsOutbound } from "../../../../src/dialects/gemini/embeddings.ts";
import { geminiOutbound } from "../../../../src/dialects/gemini/outbound.ts";
import { usageFromGemini } from "../../../../src/dialects/gemini/usage.ts";
import { sseReader } from "../../../../src/upstream/frames.ts";
import { reportedUsage } from "../../../../src/vocabulary/dialect.ts";
import type { ChatEvent } from "../../../../src/vocabulary/events.ts";
import type { FailureKind } from "../../../../src/vocabulary/failure.ts";
import { type Json, type JsonObject, listOf, numberOf, objectOf } from "../../../../src/vocabulary/json.ts";
import { promptTokens, type Usage } from "../../../../src/vocabulary/usage.ts";
import { type RecordedResponse, type Recording, recordings, responseBytes, syntheticErrors, usagePrices } from "../../../recordings/recordings.ts";

const HAND_MADE: Recording = {
  id: "hand-made",
  core: true,
  provider: "gemini",
  api: "gemini_generate",
  model: "gemini-x",
  fidelity: "wire",
  stream: "sse",
  features: [],
  request: { method: "POST", path: "/v1beta/models/gemini-x:streamGenerateContent", headers: {}, body: {} },
  response: {
    status: 200,
    headers: {},
    body: [
      'data: {"candidates":[{"content":{"parts":[{"text":"Grüße "}]},"index":0}],"usageMetadata":{"promptTokenCount":3,"totalTokenCount":3},"responseId":"r"}',
      'data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"a","args":{"city":"Łódź"}},"thoughtSignature":"s"}]},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":5,"thoughtsTokenCount":2,"totalTokenCount":10},"responseId":"r"}',
      "",
    ].join("\r\n\r\n"),
  },
  finish: ["STOP"],
  usage: { promptTokenCount: 3, candidatesTokenCount: 5, thoughtsTokenCount: 2, totalTokenCount: 10 },
};

const chats = [HAND_MADE, ...recordings({ provider: "gemini", api: "gemini_generate", ok: true })];

/** The events of a recorded answer; a stream's bytes arrive in pieces of the given size. */
function eventsOf(recording: Recording, piece = Number.MAX_SAFE_INTEGER): ChatEvent[] {
  if (recording.stream !== "sse") return geminiOutbound.readAnswer(JSON.parse(Buffer.from(responseBytes(recording.response)).toString()) as Json);
  const bytes = responseBytes(recording.response);
  const frames = sseReader();
  const decoder = geminiOutbound.decoder();
  const events: ChatEvent[] = [];
  for (let at = 0; at < bytes.length; at += piece) for (const frame of frames.feed(bytes.subarray(at, at + piece))) events.push(...decoder.decode(frame));
  for (const frame of frames.flush()) events.push(...decoder.decode(frame));
  return [...events, ...decoder.close()];
}

/** The finish reasons a recorded `finishReason` may become. */
const FINISH: Readonly<Record<string, readonly string[]>> = { STOP: ["stop", "tool-calls"], MAX_TOKENS: ["length"] };

describe("recorded answers", () => {
  test("every one is read to its end, with the finish and the usage of the index", () => {
    for (const recording of chats) {
      const events = eventsOf(recording);
      const types = events.map((event) => event.type);
      expect({ id: recording.id, first: types[0], last: types.at(-1), failures: types.filter((type) => type === "failure").length }).toEqual({
        id: recording.id,
        first: "start",
        last: "end",
        failures: 0,
      });
      const reasons = events.flatMap((event) => (event.type === "finish" ? [event.reason as string] : []));
      expect({ id: recording.id, finishes: reasons.length }).toEqual({ id: recording.id, finishes: Math.max(recording.finish.length, 1) });
      const called = types.includes("tool-call");
      for (const [index, word] of recording.finish.entries())
        expect({ id: recording.id, reason: FINISH[word]?.includes(reasons[index] ?? "") }).toEqual({ id: recording.id, reason: true });
      if (called) expect({ id: recording.id, reasons }).toEqual({ id: recording.id, reasons: ["tool-calls"] });
      const usage = reportedUsage(events);
      if (recording.usage !== null)
        expect({ id: recording.id, counts: countsOf(usage) }).toEqual({ id: recording.id, counts: expectedCounts(recording.usage) });
    }
    expect(chats.length).toBeGreaterThan(0);
  });

  test("every stream gives the same events however it is cut", () => {
    for (const recording of chats.filter((each) => each.stream === "sse" && (each.core || each === HAND_MADE))) {
      const whole = JSON.stringify(eventsOf(recording));
      for (const piece of [1, 7, 64])
        expect({ id: recording.id, piece, same: JSON.stringify(eventsOf(recording, piece)) === whole }).toEqual({ id: recording.id, piece, same: true });
    }
  });

  test("every text and every call of the body is in the events, in its order", () => {
    for (const recording of chats) {
      const parts = responsesOf(recording).flatMap((response) =>
        listOf(objectOf(objectOf(listOf(response["candidates"])[0])["content"])["parts"]).map(objectOf),
      );
      const said = parts
        .filter((part) => part["thought"] !== true && typeof part["text"] === "string")
        .map((part) => part["text"])
        .join("");
      const called = parts.filter((part) => part["functionCall"] !== undefined).map((part) => objectOf(part["functionCall"])["name"]);
      const events = eventsOf(recording);
      const text = events.flatMap((event) => (event.type === "text" ? [event.text] : [])).join("");
      // Code that Gemini ran itself adds fences to the text, so such answers are longer than their text parts.
      if (!parts.some((part) => part["executableCode"] !== undefined || part["codeExecutionResult"] !== undefined))
        expect({ id: recording.id, text }).toEqual({ id: recording.id, text: said });
      expect({ id: recording.id, called: events.flatMap((event) => (event.type === "tool-call" ? [event.name] : [])) as unknown[] }).toEqual({
        id: recording.id,
        called,
      });
    }
  });
});

function responsesOf(recording: Recording): JsonObject[] {
  const { body } = recording.response;
  if (typeof body !== "string") return (Array.isArray(body) ? body : [body]).map(objectOf);
  return body
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => objectOf(JSON.parse(line.slice(5))));
}

function countsOf(usage: Usage | undefined) {
  return usage === undefined ? undefined : { prompt: promptTokens(usage), cached: usage.cacheRead, output: usage.output, reasoning: usage.reasoning };
}

function expectedCounts(usage: JsonObject) {
  const count = (name: string) => numberOf(usage[name]) ?? 0;
  return {
    prompt: count("promptTokenCount") + count("toolUsePromptTokenCount"),
    cached: count("cachedContentTokenCount"),
    output: count("candidatesTokenCount") + count("thoughtsTokenCount"),
    reasoning: count("thoughtsTokenCount"),
  };
}

const asReply = (response: RecordedResponse) => ({
  status: response.status,
  headers: new Headers(response.headers),
  text: Buffer.from(responseBytes(response)).toString(),
});

describe("recorded failures", () => {
  const KINDS: Readonly<Record<number, FailureKind>> = {
    404: "upstream-model-missing",
    429: "rate-limited",
    500: "upstream-error",
    503: "overloaded",
    504: "upstream-timeout",
  };
  const failed: { readonly id: string; readonly response: RecordedResponse }[] = [
    { id: "hand-made", response: { status: 503, headers: {}, body: { error: { code: 503, message: "busy", status: "UNAVAILABLE" } } } },
    ...recordings({ provider: "gemini", api: "gemini_generate", ok: false }),
    ...syntheticErrors().filter((each) => each.provider === "gemini" && each.response.status >= 400),
  ];
  test.each(failed.map((each) => [each.id, each.response] as const))("%s", (_id, response) => {
    const failure = geminiOutbound.readFailure(asReply(response));
    expect(failure.kind).toBe(KINDS[response.status] as FailureKind);
    expect(failure.message.length).toBeGreaterThan(0);
  });
});

describe("recorded embeddings", () => {
  const hand: JsonObject = { embeddings: [{ values: [0.5] }], usageMetadata: { promptTokenCount: 2 } };
  const embedded = [
    { body: hand, inputs: 1 },
    ...recordings({ provider: "gemini", api: "gemini_embed", ok: true }).map((each) => ({
      body: each.response.body,
      inputs: listOf(objectOf(each.request.body)["requests"]).length,
    })),
  ];
  test("every one gives a vector for each input", () => {
    for (const { body, inputs } of embedded) {
      const answer = geminiEmbeddingsOutbound.readAnswer(body);
      expect(answer.vectors).toHaveLength(listOf(objectOf(body)["embeddings"]).length);
      // Parts of one content are one input, so there may be fewer inputs than the body has parts, never fewer vectors.
      expect(answer.vectors.length).toBeLessThanOrEqual(Math.max(inputs, 1));
      const usage = objectOf(body)["usageMetadata"];
      expect(answer.usage.evidence).toBe(usage === undefined ? "estimated" : "reported");
      expect(answer.usage.input).toBe(numberOf(objectOf(usage)["promptTokenCount"]) ?? 0);
    }
  });
});

describe("real usage objects", () => {
  const rows = usagePrices().flatMap((row) => {
    const usage = objectOf(row["body"])["usageMetadata"];
    const extracted = objectOf(objectOf(listOf(row["extracted"])[0])["usage"]);
    return usage === undefined ? [] : [{ usage, extracted }];
  });
  const all = [
    {
      usage: { promptTokenCount: 10, cachedContentTokenCount: 4, candidatesTokenCount: 2, thoughtsTokenCount: 3 } as Json,
      extracted: { input_tokens: 10, cache_read_tokens: 4, output_tokens: 5, output_reasoning_tokens: 3 } as JsonObject,
    },
    ...rows,
  ];
  test("give the counts another reader found", () => {
    for (const { usage, extracted } of all) {
      const ours = usageFromGemini(usage);
      const count = (name: string) => numberOf(extracted[name]) ?? 0;
      expect({ usage, counts: { ...countsOf(ours), audio: ours?.audioInput } }).toEqual({
        usage,
        counts: {
          prompt: count("input_tokens"),
          cached: count("cache_read_tokens"),
          output: count("output_tokens"),
          reasoning: count("output_reasoning_tokens"),
          audio: count("input_audio_tokens") - count("cache_audio_read_tokens"),
        },
      });
    }
  });
});
