/**
 * What a call consumed, in tokens. The kinds are disjoint, so a price times each, summed, is the bill:
 * prompt = input + cacheRead + cacheWrite5m + cacheWrite1h (audio and image tokens are part of input),
 * completion = output (reasoning and audio are part of it).
 */
export interface Usage {
  /** Prompt tokens that were not read from or written to a cache. */
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  /** Everything generated, reasoning included. */
  readonly output: number;
  /** The part of `output` that was reasoning. */
  readonly reasoning: number;
  /** The part of `input` that was audio. */
  readonly audioInput: number;
  /** The part of `output` that was audio. */
  readonly audioOutput: number;
  /** The part of `input` that was images. */
  readonly imageInput: number;
  /** Who says so: the provider, our count of what was delivered, or our estimate. */
  readonly evidence: "reported" | "counted" | "estimated";
}

const NO_USAGE: Usage = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  reasoning: 0,
  audioInput: 0,
  audioOutput: 0,
  imageInput: 0,
  evidence: "reported",
};

/** A usage record with the given counts and zero elsewhere. Negative counts become 0. */
export function usageOf(counts: Partial<Usage>): Usage {
  const usage: Record<string, number | string> = { ...NO_USAGE, ...counts };
  for (const name in usage) if (typeof usage[name] === "number" && !((usage[name] as number) >= 0)) usage[name] = 0;
  return usage as unknown as Usage;
}

/** All prompt tokens, however they were served: OpenAI's `prompt_tokens`. */
export function promptTokens(usage: Usage): number {
  return usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
}
