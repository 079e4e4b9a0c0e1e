import { expect, test } from "bun:test";
import { usageFromAnthropic } from "../../../src/dialects/anthropic-messages/usage.ts";
import { usageFromGemini } from "../../../src/dialects/gemini/usage.ts";
import { usageFromResponses } from "../../../src/dialects/openai-responses/outbound/usage.ts";
import { usageFromOpenai } from "../../../src/dialects/shared/openai/usage.ts";
import { type Json, type JsonObject, numberOf, objectOf } from "../../../src/vocabulary/json.ts";
import { promptTokens, type Usage } from "../../../src/vocabulary/usage.ts";
import { recordings, usagePrices } from "../../recordings/recordings.ts";

/** A usage object as a provider sent it, what our reader makes of it, and the prompt tokens that the provider itself counts. */
interface Read {
  readonly sent: JsonObject;
  readonly usage: Usage | undefined;
  readonly prompt: number;
}

const count = (json: Json | undefined) => numberOf(json) ?? 0;

const READERS: readonly { readonly is: (sent: JsonObject) => boolean; readonly read: (sent: JsonObject) => Omit<Read, "sent"> }[] = [
  {
    is: (sent) => "promptTokenCount" in sent || "candidatesTokenCount" in sent,
    read: (sent) => ({ usage: usageFromGemini(sent), prompt: count(sent["promptTokenCount"]) + count(sent["toolUsePromptTokenCount"]) }),
  },
  {
    is: (sent) => "input_tokens" in sent && !("input_tokens_details" in sent),
    read: (sent) => ({
      usage: usageFromAnthropic(sent),
      prompt: count(sent["input_tokens"]) + count(sent["cache_read_input_tokens"]) + count(sent["cache_creation_input_tokens"]),
    }),
  },
  { is: (sent) => "input_tokens_details" in sent, read: (sent) => ({ usage: usageFromResponses(sent), prompt: count(sent["input_tokens"]) }) },
  // Mistral's prompt is without the audio, which its total has.
  { is: (sent) => "prompt_tokens" in sent, read: (sent) => ({ usage: usageFromOpenai(sent), prompt: count(sent["prompt_tokens"]) + audioApart(sent) }) },
];

function audioApart(sent: JsonObject): number {
  return "prompt_audio_seconds" in sent ? count(objectOf(sent["prompt_tokens_details"])["audio_tokens"]) : 0;
}

/** What of a usage's sums does not hold. */
function brokenSums({ sent, usage, prompt }: Read): string[] {
  if (usage === undefined) return ["it is not read"];
  const { cacheAudioRead = 0, cacheImageRead = 0, imageOutput = 0 } = usage;
  const holds: Readonly<Record<string, boolean>> = {
    "the prompt's buckets add up to what the provider counts": promptTokens(usage) === prompt,
    "audio and images are part of the input": usage.audioInput + usage.imageInput <= usage.input,
    "cached audio and images are part of what was cached": cacheAudioRead + cacheImageRead <= usage.cacheRead,
    "reasoning is part of the output": usage.reasoning <= usage.output,
    "audio and images made are part of the output": usage.audioOutput + imageOutput <= usage.output,
    "every count is whole": Object.values(usage).every((value) => typeof value === "string" || (Number.isSafeInteger(value) && value >= 0)),
    "a total that is told is that of all buckets": [undefined, prompt + usage.output].includes(totalIn(sent)),
  };
  return Object.entries(holds).flatMap(([rule, held]) => (held ? [] : [rule]));
}

const totalIn = (sent: JsonObject) => numberOf(sent["total_tokens"]) ?? numberOf(sent["totalTokenCount"]);

function readOf(sent: JsonObject): Read | undefined {
  const reader = READERS.find(({ is }) => is(sent));
  return reader && { sent, ...reader.read(sent) };
}

test.each<{ readonly sent: JsonObject }>([
  { sent: { promptTokenCount: 100, cachedContentTokenCount: 60, candidatesTokenCount: 5, thoughtsTokenCount: 7, totalTokenCount: 112 } },
  { sent: { input_tokens: 5, cache_read_input_tokens: 7, cache_creation_input_tokens: 9, cache_creation: { ephemeral_1h_input_tokens: 4 }, output_tokens: 3 } },
  { sent: { input_tokens: 50, input_tokens_details: { cached_tokens: 20, cache_write_tokens: 10 }, output_tokens: 9, total_tokens: 59 } },
  { sent: { prompt_tokens: 1, completion_tokens: 9, total_tokens: 16, completion_tokens_details: { reasoning_tokens: 6 } } },
  { sent: { prompt_tokens: 9, completion_tokens: 201, total_tokens: 585, prompt_audio_seconds: 3, prompt_tokens_details: { audio_tokens: 375 } } },
  { sent: { prompt_tokens: 35, completion_tokens: 12, total_tokens: 109 } },
  { sent: { prompt_tokens: 504, completion_tokens: 91, prompt_tokens_details: { cached_tokens: 370, text_tokens: 248, image_tokens: 256 } } },
  { sent: { prompt_tokens: 33, completion_tokens: 71, reasoning_tokens: 739, citation_tokens: 200, num_search_queries: 18 } },
])("the sums of %j hold", ({ sent }) => {
  expect(brokenSums(readOf(sent) as Read)).toEqual([]);
});

test("the sums of every recorded usage hold", () => {
  const sent = [
    ...recordings({ ok: true }).flatMap(({ usage }) => (usage === null ? [] : [usage])),
    ...usagePrices().map((line) => objectOf(objectOf(line["body"])["usage"] ?? objectOf(line["body"])["usageMetadata"])),
  ];
  const reads = sent.flatMap((each) => readOf(each) ?? []);
  const broken = reads.map((read) => ({ sent: read.sent, rules: brokenSums(read) })).filter(({ rules }) => rules.length > 0);
  expect(broken).toEqual([]);
  if (sent.length === 0) return;
  const others = sent.length - reads.length;
  console.log(`${sent.length} recorded usages: of ${reads.length} all sums hold, ${others} have another shape (Bedrock's, Cohere's, Ollama's, a total alone)`);
  expect({ sums: reads.length, others }).toEqual({ sums: 2678, others: 199 });
});
