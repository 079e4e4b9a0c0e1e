/** Where a recording rightly comes out different, and why. Everything else that differs is a bug. */
export interface Decision {
  /** The lanes it is about; absent: all. */
  readonly lanes?: RegExp;
  readonly recordings: readonly string[];
  readonly why: string;
}

export const DECISIONS: readonly Decision[] = [
  {
    lanes: /^chat_completions/,
    recordings: ["groq/0045"],
    why: "The upstream's error frame comes after content: the client gets the same error as ours, and the end mark the upstream left out.",
  },
  {
    lanes: /^chat_completions$/,
    recordings: ["openrouter/0122"],
    why: "An overflow whose code is a number: clients know one by OpenAI's code, so they are told with it.",
  },
  {
    lanes: /^completions$/,
    recordings: ["ollama/0236"],
    why: "A list of messages was sent to /v1/completions and answered as a chat: we refuse it and name the right route.",
  },
  {
    lanes: /^anthropic_messages$/,
    recordings: ["anthropic/0142"],
    why: "A stream was asked for and a whole message recorded: the client gets the stream it asked for.",
  },
  { lanes: /^anthropic_messages$/, recordings: ["ollama/0186"], why: "A list without a message is refused by us already, in our words." },
  {
    lanes: /^anthropic_messages$/,
    recordings: ["ollama/0224"],
    why: "Thinking without a proof is cut out of the history: this server would take it, Anthropic would not.",
  },
  {
    lanes: /^responses$/,
    recordings: ["openai/1090"],
    why: "Its model may be tuned when it is told not to think; profiles say for all requests what a model refuses.",
  },
  {
    lanes: /^responses/,
    recordings: ["openai/0784"],
    why: "A 400 that means that the model is not there: the operator's mistake, not the client's, so it is a 502 in our words.",
  },
  { lanes: /^gemini_count_tokens$/, recordings: ["gemini/0377"], why: "Where nobody counts, and nobody is there to ask, an estimate is better than none." },
];
