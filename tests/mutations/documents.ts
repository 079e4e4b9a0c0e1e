import type { JsonObject } from "../../src/vocabulary/json.ts";

/** Requests in which every dialect says as much as it can. */
export const CHAT: JsonObject = {
  model: "m",
  messages: [
    { role: "system", content: "Be brief." },
    {
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image_url", image_url: { url: "data:image/png;base64,AAAA", detail: "low" } },
        { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
        { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" } },
      ],
    },
    { role: "assistant", content: null, tool_calls: [{ id: "call_1", type: "function", function: { name: "f", arguments: '{"a":1}' } }] },
    { role: "tool", tool_call_id: "call_1", content: "found" },
  ],
  tools: [
    { type: "function", function: { name: "f", description: "d", strict: true, parameters: { type: "object", properties: { a: { type: "integer" } } } } },
  ],
  tool_choice: { type: "function", function: { name: "f" } },
  response_format: { type: "json_schema", json_schema: { name: "s", schema: { type: "object", properties: { a: { enum: ["b"] } } } } },
  max_tokens: 100,
  temperature: 0.5,
  top_p: 0.9,
  stop: ["END"],
  seed: 1,
  n: 1,
  logprobs: true,
  top_logprobs: 2,
  reasoning_effort: "low",
  parallel_tool_calls: false,
  stream: true,
  stream_options: { include_usage: true },
  metadata: { user: "ann" },
};

export const MESSAGES: JsonObject = {
  model: "m",
  max_tokens: 2000,
  system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral", ttl: "1h" } }],
  messages: [
    {
      role: "user",
      content: [
        { type: "text", text: "What is this?" },
        { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
        { type: "document", title: "T", context: "C", source: { type: "text", media_type: "text/plain", data: "words" }, citations: { enabled: true } },
      ],
    },
    { role: "system", content: [{ type: "tool_addition", tool: { type: "tool_reference", name: "g" } }] },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "hm", signature: "sig" },
        { type: "redacted_thinking", data: "xx" },
        { type: "text", text: "see", citations: [{ type: "web_search_result_location", url: "https://a", encrypted_index: "" }] },
        { type: "tool_use", id: "toolu_1", name: "f", input: { a: 1 } },
      ],
    },
    { role: "user", content: [{ type: "tool_result", tool_use_id: "toolu_1", content: [{ type: "tool_reference", tool_name: "g" }], is_error: true }] },
  ],
  tools: [
    { name: "f", description: "d", strict: true, input_schema: { type: "object", properties: { a: { type: "integer" } } } },
    { name: "g", defer_loading: true, input_schema: { type: "object" } },
    { type: "bash_20250124", name: "bash" },
  ],
  tool_choice: { type: "tool", name: "f", disable_parallel_tool_use: true },
  thinking: { type: "enabled", budget_tokens: 1024, display: "omitted" },
  output_config: { effort: "high", format: { type: "json_schema", schema: { type: "object", properties: { a: { enum: ["b"] } } } } },
  stop_sequences: ["END"],
  temperature: 0.5,
  top_k: 5,
  metadata: { user_id: '{"device_id":"d","session_id":"s"}' },
  service_tier: "standard_only",
  context_management: { edits: [] },
  stream: true,
};

export const RESPONSES: JsonObject = {
  model: "m",
  instructions: "Be brief.",
  input: [
    { type: "additional_tools", role: "developer", tools: [{ type: "namespace", name: "n", tools: [{ type: "function", name: "f" }] }] },
    {
      role: "user",
      content: [
        { type: "input_text", text: "What is this?", prompt_cache_breakpoint: { mode: "explicit" } },
        { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "low" },
        { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,AAAA" },
      ],
    },
    { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "anthropic-messages:c2ln" },
    { type: "message", role: "assistant", content: [{ type: "output_text", text: "Let me look.", annotations: [] }] },
    { type: "function_call", id: "fc_1", call_id: "call_1", name: "f", namespace: "n", arguments: '{"a":1}', status: "completed" },
    { type: "custom_tool_call", call_id: "call_2", name: "patch", input: "x" },
    { type: "function_call_output", call_id: "call_1", output: "found" },
    { type: "custom_tool_call_output", call_id: "call_2", output: [{ type: "input_text", text: "done" }] },
    { type: "local_shell_call", call_id: "call_3", action: { type: "exec", command: ["ls"] } },
    { type: "web_search_call", id: "ws_1" },
  ],
  tools: [
    { type: "function", name: "f", description: "d", strict: true, parameters: { type: "object", properties: { a: { type: "integer" } } } },
    { type: "custom", name: "patch", format: { type: "grammar", syntax: "lark", definition: "start: x" } },
    { type: "web_search", external_web_access: false },
  ],
  tool_choice: { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "f" }] },
  text: { format: { type: "json_schema", name: "s", schema: { type: "object", properties: { a: { enum: ["b"] } } } }, verbosity: "low" },
  reasoning: { effort: "low", summary: "auto" },
  include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
  max_output_tokens: 100,
  top_logprobs: 2,
  truncation: "disabled",
  metadata: { user: "ann" },
  stream: true,
};

export const COMPLETIONS: JsonObject = {
  ...{ model: "m", prompt: "hi", suffix: null, echo: false, best_of: 1, n: 1, logprobs: 2, max_tokens: 100, temperature: 0.5, top_p: 0.9 },
  ...{ stop: ["END"], seed: 1, stream: true, stream_options: { include_usage: true }, logit_bias: { "50256": -100 }, user: "ann" },
};

export const GEMINI: JsonObject = {
  model: "models/m",
  systemInstruction: { parts: [{ text: "Be brief." }] },
  contents: [
    {
      role: "user",
      parts: [
        { text: "What is this?" },
        { inlineData: { mimeType: "image/png", data: "AAAA" } },
        { fileData: { mimeType: "image/png", fileUri: "https://x.test/a.png" } },
      ],
    },
    {
      role: "model",
      parts: [
        { text: "hm", thought: true },
        { text: "Let me look.", thoughtSignature: "c2ln" },
        { functionCall: { id: "call_1", name: "f", args: { a: 1 } }, thoughtSignature: "c2ln" },
      ],
    },
    { role: "user", parts: [{ functionResponse: { id: "call_1", name: "f", response: { output: "found" } } }] },
  ],
  tools: [
    {
      functionDeclarations: [
        { name: "f", description: "d", parametersJsonSchema: { type: "object", properties: { a: { type: "integer" } } } },
        { name: "g", parameters: { type: "OBJECT", properties: { a: { type: "STRING", nullable: true } } } },
      ],
    },
  ],
  toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["f"] } },
  generationConfig: {
    ...{ temperature: 0.5, topP: 0.9, topK: 4, maxOutputTokens: 100, stopSequences: ["END"], seed: 1, candidateCount: 1 },
    ...{ responseMimeType: "application/json", responseJsonSchema: { type: "object", properties: { a: { enum: ["b"] } } } },
    ...{ presencePenalty: 0.1, responseLogprobs: true, logprobs: 2, thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 } },
  },
  safetySettings: [{ category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_NONE" }],
  labels: { user: "ann" },
};

const OLLAMA_CALL = { function: { name: "f", arguments: { a: 1 } } };
export const OLLAMA: JsonObject = {
  model: "m",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "What is this?", images: ["iVBORw0KGgo=", "data:image/gif;base64,R0lGODlh"] },
    { role: "assistant", content: "", thinking: "hm", tool_calls: [OLLAMA_CALL, { id: "call_1", ...OLLAMA_CALL }] },
    { role: "tool", tool_name: "f", content: "found" },
    { role: "tool", tool_call_id: "call_1", content: "found" },
  ],
  tools: [{ type: "function", function: { name: "f", description: "d", parameters: { type: "object", properties: { a: { type: "integer" } } } } }],
  format: { type: "object", properties: { a: { enum: ["b"] } } },
  think: "low",
  options: { num_predict: 100, temperature: 0.5, stop: ["END"], seed: 1, num_ctx: 8192 },
  keep_alive: "5m",
  logprobs: true,
  top_logprobs: 2,
};
export const GENERATE: JsonObject = {
  model: "m",
  prompt: "hi",
  system: "s",
  suffix: "",
  images: ["R0lGODlh"],
  template: "t",
  context: [1],
  options: { top_k: 4 },
  raw: false,
};
export const OLLAMA_EMBED: JsonObject = { model: "m", input: ["a", "b"], prompt: "a", truncate: true, dimensions: 8, options: { num_ctx: 512 }, keep_alive: 0 };

export const EMBEDDINGS: JsonObject = { model: "m", input: ["a", "b"], encoding_format: "base64", dimensions: 8, user: "ann" };

export const GEMINI_EMBED: JsonObject = {
  requests: [{ model: "models/m", content: { parts: [{ text: "a" }, { text: "b" }] }, taskType: "RETRIEVAL_DOCUMENT", title: "t", outputDimensionality: 8 }],
};
