/** Where a client does not get all it asked for, and why. A row that is no longer needed fails the test. */
export interface Decision {
  readonly feature: string;
  /** Dialects of clients; absent: all. */
  readonly clients?: readonly string[];
  /** Upstreams by their column; absent: all. */
  readonly upstreams?: readonly string[];
  readonly why: string;
  /** What reaches the upstream does not fit its schema either: the client's own words, passed on. */
  readonly misfits?: true;
}

export const DECIDED: readonly Decision[] = [
  {
    feature: "a forced call",
    clients: ["openai-chat", "openai-responses", "anthropic-messages", "gemini"],
    upstreams: ["ollama"],
    why: "Ollama cannot be made to call a tool: a clear 400 (decision 0006).",
  },
  { feature: "refusal", upstreams: ["ollama"], why: "Ollama has no word for a refusal: it is an answer like any other." },
  {
    feature: "refusal",
    clients: ["ollama"],
    upstreams: ["openai", "openai responses", "vllm"],
    why: "Ollama's clients have no word for a refusal: they get its text.",
  },
  {
    feature: "stop",
    upstreams: ["openai responses"],
    clients: ["openai-chat", "anthropic-messages", "gemini", "ollama"],
    why: "The Responses API has no stop sequences: dropped, and the warnings header says so.",
  },
  {
    feature: "stop",
    clients: ["openai-responses"],
    upstreams: ["openai", "openai responses"],
    why: "The express lane: a word that the Responses API does not have reaches it as it is, and is refused there by name.",
    misfits: true,
  },
  {
    feature: "a call without arguments",
    clients: ["openai-chat"],
    upstreams: ["openai", "vllm"],
    why: "The express lane: the upstream's empty arguments reach its client as they are.",
  },
  { feature: "a call without arguments", clients: ["openai-responses"], upstreams: ["openai", "openai responses"], why: "The same." },
  {
    feature: "calls in turns",
    clients: ["openai-responses"],
    upstreams: ["openai", "openai responses"],
    why: "The express lane: items that the upstream opens side by side reach its client so.",
  },
  { feature: "calls in turns", clients: ["anthropic-messages"], upstreams: ["anthropic"], why: "The same; Anthropic itself never does." },
];

/** The decision that covers this cell, if there is one. */
export function decisionFor(feature: string, client: string, upstream: string): Decision | undefined {
  return DECIDED.find((row) => row.feature === feature && (row.clients?.includes(client) ?? true) && (row.upstreams?.includes(upstream) ?? true));
}
