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

/** A usage record with the given counts and zero elsewhere. Negative counts become 0. */
export function usageOf(counts: Partial<Usage>): Usage {
  return {
    input: atLeastZero(counts.input),
    cacheRead: atLeastZero(counts.cacheRead),
    cacheWrite5m: atLeastZero(counts.cacheWrite5m),
    cacheWrite1h: atLeastZero(counts.cacheWrite1h),
    output: atLeastZero(counts.output),
    reasoning: atLeastZero(counts.reasoning),
    audioInput: atLeastZero(counts.audioInput),
    audioOutput: atLeastZero(counts.audioOutput),
    imageInput: atLeastZero(counts.imageInput),
    evidence: counts.evidence ?? "reported",
  };
}

/** Also for what is no number at all: what an upstream counts is the upstream's word. */
function atLeastZero(count: number | undefined): number {
  return count !== undefined && count >= 0 ? count : 0;
}

/** All prompt tokens, however they were served: OpenAI's `prompt_tokens`. */
export function promptTokens(usage: Usage): number {
  return usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
}
