import { isObject, type Json, type JsonObject, listOf, numberOf, objectOf, parseJson, stringOf } from "../../../src/vocabulary/json.ts";
import type { Recording } from "../../recordings/recordings.ts";

/** What an answer says, read off the recorded body by other means than the gateway's own. */
export interface Said {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: Json }[];
  /** OpenAI's `finish_reason` that it must become; absent when the body names none. */
  readonly finish?: string;
  /** Text that the model wrote through tools of its provider is worded differently on the way. */
  readonly rewordedText: boolean;
}

/** Prompt, cached, completion and reasoning tokens. */
export interface Counts {
  readonly prompt: number;
  readonly cached: number;
  readonly output: number;
  readonly reasoning: number;
}

/** The JSON values of a recorded body: one, a stream's frames, or a list's elements. */
function valuesOf({ stream, response }: Recording): JsonObject[] {
  const { body } = response;
  if (typeof body !== "string") return (Array.isArray(body) ? body : [body]).map(objectOf);
  if (stream === "ndjson") return body.split("\n").flatMap((line) => objectIn(line));
  return body.split(/\r?\n/).flatMap((line) => (line.startsWith("data:") ? objectIn(line.slice("data:".length)) : []));
}

function objectIn(text: string): JsonObject[] {
  const json = parseJson(text);
  return isObject(json) ? [json] : [];
}

const ANTHROPIC_FINISH: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  pause_turn: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  tool_use: "tool_calls",
  refusal: "content_filter",
};

export function saidByAnthropic(recording: Recording): Said {
  const blocks: { type: string; text: string; name: string; json: string; input: Json | undefined }[] = [];
  let stop: string | undefined;
  const open = (block: JsonObject) =>
    blocks.push({
      type: stringOf(block["type"]) ?? "",
      text: stringOf(block["text"]) ?? "",
      name: stringOf(block["name"]) ?? "",
      json: "",
      input: block["input"],
    });
  for (const value of valuesOf(recording)) {
    for (const block of listOf(value["content"])) open(objectOf(block));
    stop = stringOf(value["stop_reason"]) ?? stringOf(objectOf(value["delta"])["stop_reason"]) ?? stop;
    if (value["type"] === "content_block_start") open(objectOf(value["content_block"]));
    const delta = objectOf(value["delta"]);
    const last = blocks.at(-1);
    if (value["type"] !== "content_block_delta" || last === undefined) continue;
    last.text += stringOf(delta["text"]) ?? "";
    last.json += stringOf(delta["partial_json"]) ?? "";
  }
  return {
    text: blocks.map((block) => (block.type === "text" ? block.text : "")).join(""),
    calls: blocks
      .filter((block) => block.type === "tool_use")
      .map(({ name, json, input }) => ({ name, arguments: (json === "" ? input : parseJson(json)) ?? {} })),
    finish: stop === undefined ? undefined : ANTHROPIC_FINISH[stop],
    rewordedText: false,
  };
}

const GEMINI_FINISH: Readonly<Record<string, string>> = {
  STOP: "stop",
  MAX_TOKENS: "length",
  SAFETY: "content_filter",
  RECITATION: "content_filter",
  PROHIBITED_CONTENT: "content_filter",
  BLOCKLIST: "content_filter",
};

export function saidByGemini(recording: Recording): Said {
  const candidates = valuesOf(recording).flatMap((value) => listOf(value["candidates"]).map(objectOf));
  const parts = candidates
    .filter((candidate) => (numberOf(candidate["index"]) ?? 0) === 0)
    .flatMap((candidate) => listOf(objectOf(candidate["content"])["parts"]).map(objectOf));
  const reason = candidates.map((candidate) => stringOf(candidate["finishReason"])).findLast((each) => each !== undefined);
  const calls = parts.filter((part) => part["functionCall"] !== undefined).map((part) => objectOf(part["functionCall"]));
  return {
    text: parts.map((part) => (part["thought"] === true ? "" : (stringOf(part["text"]) ?? ""))).join(""),
    calls: calls.map((call) => ({ name: stringOf(call["name"]) ?? "", arguments: call["args"] ?? {} })),
    finish: calls.length > 0 ? "tool_calls" : GEMINI_FINISH[reason ?? ""],
    rewordedText: parts.some((part) => part["executableCode"] !== undefined || part["codeExecutionResult"] !== undefined),
  };
}

export function saidByOllama(recording: Recording): Said {
  const values = valuesOf(recording);
  const messages = values.map((value) => objectOf(value["message"]));
  const calls = messages.flatMap((message) => listOf(message["tool_calls"]).map((call) => objectOf(objectOf(call)["function"])));
  const reason = values.map((value) => stringOf(value["done_reason"])).findLast((each) => each !== undefined);
  return {
    text: messages.map((message) => stringOf(message["content"]) ?? "").join(""),
    calls: calls.map((call) => ({ name: stringOf(call["name"]) ?? "", arguments: call["arguments"] ?? {} })),
    finish: calls.length > 0 ? "tool_calls" : reason === "length" ? "length" : "stop",
    rewordedText: false,
  };
}

const count = (json: Json | undefined, ...path: string[]): number => {
  let value: Json | undefined = json;
  for (const name of path) value = objectOf(value)[name];
  return numberOf(value) ?? 0;
};

/** The counts a usage object of the index must give, by the API that reported it. */
export function countsIn(api: string, usage: JsonObject): Counts {
  if (api === "anthropic_messages") {
    const cached = count(usage, "cache_read_input_tokens");
    return {
      prompt: count(usage, "input_tokens") + cached + count(usage, "cache_creation_input_tokens"),
      cached,
      output: count(usage, "output_tokens"),
      reasoning: count(usage, "output_tokens_details", "thinking_tokens"),
    };
  }
  if (api === "gemini_generate") {
    const reasoning = count(usage, "thoughtsTokenCount");
    return {
      prompt: count(usage, "promptTokenCount") + count(usage, "toolUsePromptTokenCount"),
      cached: count(usage, "cachedContentTokenCount"),
      output: count(usage, "candidatesTokenCount") + reasoning,
      reasoning,
    };
  }
  if (api === "ollama_chat") return { prompt: count(usage, "prompt_eval_count"), cached: 0, output: count(usage, "eval_count"), reasoning: 0 };
  const [prompt, output] = [count(usage, "prompt_tokens"), count(usage, "completion_tokens")];
  const reasoning = count(usage, "completion_tokens_details", "reasoning_tokens") || count(usage, "reasoning_tokens");
  const onTop = reasoning > 0 && count(usage, "total_tokens") === prompt + output + reasoning;
  return {
    prompt,
    cached: Math.min(prompt, count(usage, "prompt_tokens_details", "cached_tokens") || count(usage, "prompt_cache_hit_tokens")),
    output: output + (onTop ? reasoning : 0),
    reasoning,
  };
}
