/** How upstreams say that a conversation does not fit the model's context. */
const WORDS: readonly RegExp[] = [
  // OpenAI, Azure, vLLM.
  /maximum context length/i,
  /context[_ ]length[_ ]exceeded/i,
  // Anthropic.
  /prompt is too long/i,
  /input length and `?max_tokens`? exceed/i,
  // Gemini.
  /input token count .* exceeds/i,
  /maximum number of tokens allowed/i,
  // vLLM, release after release: "You passed 9000 input tokens and requested 100 output tokens. However, the model's context length is only 8192
  // tokens"; "The decoder prompt (length 9000) is longer than the maximum model length of 8192"; "The prompt (total length 9000) is too long to fit
  // into the model (context length 8192)"; "max_tokens=9000 cannot be greater than max_model_len=8192".
  /the model's context length is only/i,
  /longer than the maximum model length/i,
  /too long to fit into the model/i,
  /cannot be greater than max_model_len/i,
  // SGLang.
  /longer than the model's context length/i,
  // llama.cpp: `exceed_context_size_error`, and of what it embeds, at once and so never more than one of its batches, "is too large to process".
  /exceeds? the (available )?context/i,
  /input \(\d+ tokens\) is too large to process/i,
  // Others.
  /context window|too many tokens/i,
];

/** Do these words of an upstream mean that the prompt, or it and its answer, do not fit the model's context? */
export function saysContextOverflow(message: string): boolean {
  return WORDS.some((words) => words.test(message));
}

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
  // vLLM: "maximum context length is 8192 tokens. However, you requested 4000 output tokens and your prompt contains at least 4193 input tokens".
  {
    words: /maximum context length is (\d+) tokens.*?requested (\d+) output tokens and your prompt contains (?:at least )?(\d+) input tokens/is,
    order: ["limit", "answer", "prompt"],
  },
  // vLLM: "You passed 5000 input tokens and requested 4000 output tokens. However, the model's context length is only 8192 tokens".
  {
    words: /passed (\d+) input tokens and requested (\d+) output tokens.*?context length is only (\d+) tokens/is,
    order: ["prompt", "answer", "limit"],
  },
  // vLLM: "your request has 5000 input tokens plus 4000 'max_tokens'".
  { words: /maximum context length is (\d+) tokens.*?has (\d+) input tokens plus (\d+)/is, order: ["limit", "prompt", "answer"] },
  // vLLM: "The decoder prompt (length 9000) is longer than the maximum model length of 8192", "(total length 9000) is too long to fit into the model
  // (context length 8192)".
  { words: /length (\d+)\) is (?:longer than the maximum model length of|too long to fit into the model \(context length) (\d+)/i, order: ["prompt", "limit"] },
  // OpenAI: "maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens".
  { words: /maximum context length is (\d+) tokens.*?(?:resulted in|requested|has) (\d+)(?! output)\b/is, order: ["limit", "prompt"] },
  // Gemini: "The input token count (9000) exceeds the maximum number of tokens allowed (8192)".
  { words: /input token count \(?(\d+)\)? exceeds the maximum number of tokens allowed \(?(\d+)/i, order: ["prompt", "limit"] },
  // llama.cpp: "input (9000 tokens) is too large to process. increase the physical batch size (current batch size: 512)".
  { words: /input \((\d+) tokens\) is too large to process.*?batch size: (\d+)/is, order: ["prompt", "limit"] },
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
