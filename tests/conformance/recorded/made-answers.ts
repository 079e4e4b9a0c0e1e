import type { JsonObject } from "../../../src/vocabulary/json.ts";
import type { Recording } from "../../recordings/recordings.ts";
import { made } from "./made.ts";

/** Answers of every API, each as its service words it; tests have something to play where nothing is recorded. */
export const CHAT_CHUNKS: readonly string[] = [
  'data: {"id":"c","object":"chat.completion.chunk","model":"m","created":1,"choices":[{"index":0,"delta":{"role":"assistant","content":"Grüße"},"finish_reason":null}]}\n\n',
  'data: {"id":"c","object":"chat.completion.chunk","model":"m","created":1,"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n',
  'data: {"id":"c","object":"chat.completion.chunk","model":"m","created":1,"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}\n\n',
  "data: [DONE]\n\n",
];
export const CHAT_USAGE = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
const COMPLETION = {
  id: "c",
  object: "text_completion",
  model: "m",
  created: 1,
  choices: [{ index: 0, text: "hi", finish_reason: "stop" }],
  usage: CHAT_USAGE,
};

const sse = (events: readonly (JsonObject & { type: string })[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join("");

const MESSAGE_STARTS = { id: "msg_1", type: "message", role: "assistant", model: "m", content: [], usage: { input_tokens: 3, output_tokens: 1 } };
export const CLAUDE_STREAM = sse([
  { type: "message_start", message: MESSAGE_STARTS },
  { type: "content_block_start", index: 0, content_block: { type: "tool_use", id: "toolu_1", name: "f", input: {} } },
  { type: "content_block_delta", index: 0, delta: { type: "input_json_delta", partial_json: '{"city":"Łódź"}' } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "tool_use" }, usage: { output_tokens: 9 } },
  { type: "message_stop" },
]);
export const CLAUDE_USAGE = { input_tokens: 3, output_tokens: 9 };
const CLAUDE_WHOLE = {
  ...{ id: "msg_1", type: "message", role: "assistant", model: "m", stop_reason: "tool_use" },
  content: [
    { type: "text", text: "Let me see." },
    { type: "tool_use", id: "toolu_1", name: "f", input: { city: "Łódź" } },
  ],
  usage: { input_tokens: 3, cache_read_input_tokens: 2, output_tokens: 9 },
};

const SPOKEN = { id: "msg_1", type: "message", role: "assistant", status: "completed", content: [{ type: "output_text", text: "Hé", annotations: [] }] };
const CALLED = { id: "fc_1", type: "function_call", call_id: "call_1", name: "now", arguments: "{}", status: "completed" };
export const RESPONSE_USAGE = {
  ...{ input_tokens: 3, input_tokens_details: { cached_tokens: 1 }, output_tokens: 4 },
  ...{ output_tokens_details: { reasoning_tokens: 2 }, total_tokens: 7 },
};
const RESPONSE = { id: "resp_1", object: "response", created_at: 1, model: "m", status: "completed", output: [SPOKEN, CALLED], usage: RESPONSE_USAGE };
export const RESPONSE_STREAM = sse([
  { type: "response.created", response: { ...RESPONSE, status: "in_progress", output: [], usage: null } },
  { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", content_index: 0, delta: "H" },
  { type: "response.output_text.delta", output_index: 0, item_id: "msg_1", content_index: 0, delta: "é" },
  { type: "response.output_item.done", output_index: 0, item: SPOKEN },
  { type: "response.output_item.done", output_index: 1, item: CALLED },
  { type: "response.completed", response: RESPONSE },
]);

export const GEMINI_USAGE = { promptTokenCount: 3, candidatesTokenCount: 5, thoughtsTokenCount: 2, totalTokenCount: 10 };
const GEMINI = { candidates: [{ content: { parts: [{ text: "Grüße" }] }, finishReason: "STOP", avgLogprobs: -0.5 }], usageMetadata: GEMINI_USAGE, x: 1 };
const GEMINI_CUT = {
  candidates: [{ content: { parts: [{ text: "hi" }] }, finishReason: "MAX_TOKENS", index: 0 }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 2, thoughtsTokenCount: 4 },
  responseId: "r",
};
export const GEMINI_FRAME = `data: ${JSON.stringify(GEMINI)}\r\n\r\n`;
/** Where Google's clients ask for a stream, of frames or of one list. */
export const geminiStream = (query: Record<string, string> = {}): Pick<Recording, "request"> => ({
  request: { method: "POST", path: "/v1beta/models/m:streamGenerateContent", headers: {}, body: { contents: [{ parts: [{ text: "hi" }] }] }, query },
});

const HEADING = '"model":"m","created_at":"2026-01-01T00:00:00.5Z"';
const LAST = '"done":true,"done_reason":"stop","prompt_eval_count":3,"eval_count":2}\n';
export const OLLAMA_USAGE = { prompt_eval_count: 3, eval_count: 2 };
export const OLLAMA_LINES: readonly string[] = [
  `{${HEADING},"message":{"role":"assistant","content":"Grüße"},"done":false}\n`,
  `{${HEADING},"message":{"role":"assistant","content":""},${LAST}`,
];
export const GENERATE_LINES: readonly string[] = [`{${HEADING},"response":"Grüße","done":false}\n`, `{${HEADING},"response":"","context":[1,2],${LAST}`];

export const AUDIO_SECONDS = { type: "duration", seconds: 7 };
const AUDIO_TOKENS = { type: "tokens", total_tokens: 49, input_tokens: 37, input_token_details: { text_tokens: 0, audio_tokens: 37 }, output_tokens: 12 };
const TRANSCRIPT = `data: {"type":"transcript.text.delta","delta":"Łódź"}\r\n\r\ndata: ${JSON.stringify({ type: "transcript.text.done", text: "Łódź", usage: AUDIO_TOKENS })}\r\n\r\n`;
const PICTURE = { created: 1, data: [{ b64_json: "aQ==" }], usage: { input_tokens: 76, output_tokens: 120, total_tokens: 196 } };
export const RANKED = { id: "r", results: [{ index: 0, relevance_score: 0.5 }], meta: { billed_units: { search_units: 1 } } };

const refused = (message: string): JsonObject => ({ error: { message, type: "invalid_request_error", param: "n", code: null } });

export const MADE: readonly Recording[] = [
  made({ id: "made/openai", api: "chat_completions", usage: CHAT_USAGE }, { stream: true, seed: 5 }, CHAT_CHUNKS.join("")),
  made({ id: "made/no-end-mark", provider: "perplexity", api: "chat_completions", usage: CHAT_USAGE }, { stream: true }, CHAT_CHUNKS.slice(0, 3).join("")),
  made({ id: "made/refused", api: "chat_completions" }, { n: 9 }, refused("n"), 400),
  made({ id: "made/our-key", api: "chat_completions" }, {}, { error: { message: "Incorrect API key", code: "invalid_api_key" } }, 401),
  made({ id: "made/completion", api: "completions", usage: CHAT_USAGE }, { prompt: "hi" }, COMPLETION),
  made({ id: "made/response", api: "responses", usage: RESPONSE_USAGE }, { tools: [{ type: "new_tool_2027", name: "x" }] }, RESPONSE),
  made({ id: "made/response-stream", api: "responses", usage: RESPONSE_USAGE }, { stream: true, temperature: 0.5 }, RESPONSE_STREAM),
  made({ id: "made/response-refused", api: "responses" }, { n: 9 }, refused("odd"), 400),
  made({ id: "made/response-missing", api: "responses" }, {}, { error: { message: "no such model", code: "model_not_found" } }, 404),
  made({ id: "made/claude", api: "anthropic_messages", usage: CLAUDE_WHOLE.usage }, { tools: [{ type: "new_tool_2027", name: "x" }] }, CLAUDE_WHOLE),
  made({ id: "made/claude-stream", api: "anthropic_messages", usage: CLAUDE_USAGE }, { stream: true, top_k: 5 }, CLAUDE_STREAM),
  made({ id: "made/claude-refused", api: "anthropic_messages" }, {}, { type: "error", error: { type: "invalid_request_error", message: "odd" } }, 400),
  made({ id: "made/claude-count", api: "anthropic_count_tokens" }, { thinking: { type: "new" } }, { input_tokens: 5, x: 1 }),
  made({ id: "made/gemini", api: "gemini_generate", usage: GEMINI_USAGE }, { model: "models/m", tools: [{ googleSearch: {} }] }, GEMINI),
  made({ id: "made/gemini-cut", api: "gemini_generate", usage: GEMINI_CUT.usageMetadata }, { model: "models/m" }, GEMINI_CUT),
  made({ id: "made/gemini-frames", api: "gemini_generate", usage: GEMINI_USAGE, ...geminiStream({ alt: "sse" }) }, {}, GEMINI_FRAME),
  made({ id: "made/gemini-list", api: "gemini_generate", stream: "json-array", usage: GEMINI_USAGE, ...geminiStream() }, {}, [GEMINI]),
  made({ id: "made/gemini-refused", api: "gemini_generate" }, {}, { error: { code: 400, message: "no", status: "INVALID_ARGUMENT" } }, 400),
  made(
    { id: "made/gemini-count", api: "gemini_count_tokens" },
    { generateContentRequest: { contents: [{ parts: [{ text: "hi" }] }], model: "models/m" } },
    { totalTokens: 5, x: 1 },
  ),
  made(
    { id: "made/gemini-embed", api: "gemini_embed" },
    { requests: [{ model: "models/m", content: { parts: [{ text: "a" }] } }] },
    { embeddings: [{ values: [0.5] }] },
  ),
  made({ id: "made/ollama", api: "ollama_chat", usage: OLLAMA_USAGE }, { options: { seed: 5 } }, OLLAMA_LINES.join("")),
  made({ id: "made/generate", api: "ollama_generate", usage: OLLAMA_USAGE }, {}, GENERATE_LINES.join("")),
  made({ id: "made/embed", api: "ollama_embed" }, { input: ["a"] }, { model: "m", embeddings: [[0.5, 1]], prompt_eval_count: 2 }),
  made({ id: "made/embeddings", api: "embeddings" }, {}, { object: "list", model: "m", data: [{ index: 0, embedding: [0.5] }], usage: { prompt_tokens: 2 } }),
  made({ id: "made/seconds", api: "audio", usage: AUDIO_SECONDS }, "a form", { text: "Łódź", usage: AUDIO_SECONDS }),
  made({ id: "made/events", api: "audio", usage: AUDIO_TOKENS }, "a form", TRANSCRIPT),
  made({ id: "made/picture", api: "images", usage: PICTURE.usage }, {}, PICTURE),
  made({ id: "made/urls", api: "images" }, {}, { data: [{ url: "https://x/1" }, { url: "https://x/2" }] }),
  made({ id: "made/image-refused", api: "images" }, { quality: "odd" }, refused("Unknown parameter: 'quality'."), 400),
  made({ id: "made/ranked", api: "rerank", usage: RANKED.meta }, { query: "q", documents: ["a"] }, RANKED),
  made({ id: "made/kind", api: "moderations" }, { input: "words" }, { id: "modr", model: "m", results: [{ flagged: false }] }),
];
