/** Where upstreams tell the numbers: what the prompt has, what its answer was given, what fits. */
const PATTERNS: readonly { readonly words: RegExp; readonly order: readonly ("prompt" | "answer" | "limit")[] }[] = [
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

/**
 * A context overflow in Anthropic's words, which its clients act on: Claude Code shortens the conversation when the prompt is too long, and
 * the answer's bound when only both together are. https://platform.claude.com/docs/en/build-with-claude/context-windows
 */
export function overflowWords(message: string): string {
  if (/prompt is too long|input length and `?max_tokens`? exceed/i.test(message)) return message;
  for (const { words, order } of PATTERNS) {
    const found = words.exec(message);
    if (found === null) continue;
    const numbers = new Map(order.map((name, index) => [name, Number(found[index + 1])]));
    const [prompt = 0, answer, limit = 0] = [numbers.get("prompt"), numbers.get("answer"), numbers.get("limit")];
    if (prompt > limit) return `prompt is too long: ${prompt} tokens > ${limit} maximum`;
    if (answer !== undefined)
      return `input length and \`max_tokens\` exceed context limit: ${prompt} + ${answer} > ${limit}, decrease input length or \`max_tokens\` and try again`;
  }
  return `prompt is too long: ${message}`;
}
