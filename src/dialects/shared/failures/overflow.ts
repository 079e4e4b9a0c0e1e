/** A conversation that does not fit, in tokens. */
export interface Overflow {
  readonly prompt: number;
  /** What its answer was given, when that was told. */
  readonly answer?: number;
  /** What fits. */
  readonly limit: number;
}

/** Where upstreams tell the numbers. */
const PATTERNS: readonly { readonly words: RegExp; readonly order: readonly ("prompt" | "answer" | "limit")[] }[] = [
  // Anthropic: "prompt is too long: 9000 tokens > 8192 maximum".
  { words: /prompt is too long: (\d+) tokens > (\d+)/i, order: ["prompt", "limit"] },
  // Anthropic: "input length and `max_tokens` exceed context limit: 5000 + 4000 > 8192".
  { words: /exceed context limit: (\d+) \+ (\d+) > (\d+)/i, order: ["prompt", "answer", "limit"] },
  // OpenAI, vLLM: "maximum context length is 8192 tokens. However, you requested 9000 tokens (5000 in the messages, 4000 in the completion)".
  {
    words: /maximum context length is (\d+) tokens.*?\((\d+) in the (?:messages|prompt)[^)]*?, (\d+) in the completion/is,
    order: ["limit", "prompt", "answer"],
  },
  // vLLM: "'max_tokens' is too large: 4000. This model's maximum context length is 8192 tokens and your request has 5000 input tokens".
  {
    words: /is too large: (\d+)\b.*?maximum context length is (\d+) tokens and your request has (\d+) input tokens/is,
    order: ["answer", "limit", "prompt"],
  },
  // OpenAI: "maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens".
  { words: /maximum context length is (\d+) tokens.*?(?:resulted in|requested|has) (\d+)/is, order: ["limit", "prompt"] },
  // Gemini: "The input token count (9000) exceeds the maximum number of tokens allowed (8192)".
  { words: /input token count \(?(\d+)\)? exceeds the maximum number of tokens allowed \(?(\d+)/i, order: ["prompt", "limit"] },
  // llama.cpp, SGLang: "request (9000 tokens) exceeds the available context size (8192 tokens)", "longer than the model's context length".
  { words: /\((\d+) tokens\).*?context (?:size|length) \((\d+) tokens\)/is, order: ["prompt", "limit"] },
];

/** The numbers in the message of a context overflow, whoever wrote it; `undefined` when it tells none. */
export function overflowIn(message: string): Overflow | undefined {
  for (const { words, order } of PATTERNS) {
    const found = words.exec(message);
    if (found === null) continue;
    const numbers = new Map(order.map((name, index) => [name, Number(found[index + 1])]));
    return { prompt: numbers.get("prompt") ?? 0, answer: numbers.get("answer"), limit: numbers.get("limit") ?? 0 };
  }
  return undefined;
}
