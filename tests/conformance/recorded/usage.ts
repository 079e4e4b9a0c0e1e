import { type Json, type JsonObject, numberOf, objectOf } from "../../../src/vocabulary/json.ts";
import type { RequestRecord } from "../../../src/vocabulary/record.ts";
import { promptTokens } from "../../../src/vocabulary/usage.ts";
import type { Recording } from "../../recordings/recordings.ts";

/** Tokens: the prompt's with what was cached, what was cached, what was written with the thinking, the thinking. */
export interface Counts {
  readonly prompt: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

/** Was the answer metered as the index says? */
export function judgedUsage(recording: Recording, { usage }: RequestRecord): string[] {
  if (recording.usage === null) return [];
  if (usage === undefined) return ["not metered"];
  if (usage.evidence !== "reported") return [`metered by ${usage.evidence}, though reported`];
  const metered = { prompt: promptTokens(usage), cached: usage.cacheRead, output: usage.output, reasoning: usage.reasoning };
  return differentCounts("metered", metered, countsIn(recording.api, recording.usage));
}

/** Each count that is not what it should be; what is not found is not compared. */
export function differentCounts(what: string, found: Partial<Counts>, expected: Counts): string[] {
  return (Object.keys(found) as (keyof Counts)[]).flatMap((name) =>
    found[name] === expected[name] ? [] : [`${what}: ${found[name]} ${name}, not ${expected[name]}`],
  );
}

const count = (json: Json | undefined, ...path: string[]): number => {
  let value: Json | undefined = json;
  for (const name of path) value = objectOf(value)[name];
  return numberOf(value) ?? 0;
};

/** The counts a usage object must give, by the API that reported it. */
export function countsIn(api: string, usage: JsonObject): Counts {
  return (COUNTS[api] ?? ofChat)(usage);
}

const COUNTS: Readonly<Record<string, (usage: JsonObject) => Counts>> = {
  anthropic_messages(usage) {
    const cached = count(usage, "cache_read_input_tokens");
    return {
      prompt: count(usage, "input_tokens") + cached + count(usage, "cache_creation_input_tokens"),
      cached,
      output: count(usage, "output_tokens"),
      reasoning: count(usage, "output_tokens_details", "thinking_tokens"),
    };
  },
  responses: (usage) => ({
    prompt: count(usage, "input_tokens"),
    cached: count(usage, "input_tokens_details", "cached_tokens"),
    output: count(usage, "output_tokens"),
    reasoning: count(usage, "output_tokens_details", "reasoning_tokens"),
  }),
  gemini_generate(usage) {
    const reasoning = count(usage, "thoughtsTokenCount");
    return {
      prompt: count(usage, "promptTokenCount") + count(usage, "toolUsePromptTokenCount"),
      cached: count(usage, "cachedContentTokenCount"),
      output: count(usage, "candidatesTokenCount") + reasoning,
      reasoning,
    };
  },
  ollama_chat: ofOllama,
  ollama_generate: ofOllama,
};

function ofOllama(usage: JsonObject): Counts {
  return { prompt: count(usage, "prompt_eval_count"), cached: 0, output: count(usage, "eval_count"), reasoning: 0 };
}

/** Of a chat whose total says more than its parts, what was left out: Mistral's audio of the prompt, xAI's reasoning and Gemini's thoughts of the answer. */
function ofChat(usage: JsonObject): Counts {
  const [told, answered] = [count(usage, "prompt_tokens"), count(usage, "completion_tokens")];
  const reasoning = count(usage, "completion_tokens_details", "reasoning_tokens") || count(usage, "reasoning_tokens");
  const missing = (count(usage, "total_tokens") || told + answered) - told - answered;
  const heard = count(usage, "prompt_tokens_details", "audio_tokens") === missing ? missing : 0;
  const prompt = told + heard;
  return {
    prompt,
    cached: Math.min(prompt, count(usage, "prompt_tokens_details", "cached_tokens") || count(usage, "prompt_cache_hit_tokens")),
    output: answered + missing - heard,
    reasoning: reasoning || missing - heard,
  };
}
