/** What only some calls are counted in: in place of tokens, beside them, or as a part of them. Whole numbers; absent where nothing is counted so. */
export interface Units {
  /** Of audio heard. */
  readonly milliseconds?: number;
  /** Of text spoken: Unicode code points. */
  readonly characters?: number;
  /** Pictures made. */
  readonly images?: number;
  /** Searches as rerankers bill them: so many documents against one query. */
  readonly searches?: number;
  /** Of the web, by the provider itself. */
  readonly webSearches?: number;
  /** The work of GPUs: that of one for so long, or of two for half the time. */
  readonly gpuMilliseconds?: number;
  /** The part of `output` that was images. Tokens. */
  readonly imageOutput?: number;
  /** The parts of `cacheRead` that were audio and images. Tokens. */
  readonly cacheAudioRead?: number;
  readonly cacheImageRead?: number;
  /** Tokens of what it found and read on its own, where they are billed apart; no part of `input`. */
  readonly citations?: number;
}

/**
 * What a call consumed, in tokens. The kinds are disjoint, so a price times each, summed, is the bill:
 * prompt = input + cacheRead + cacheWrite5m + cacheWrite1h (audio and image tokens are part of input),
 * completion = output (reasoning and audio are part of it).
 */
export interface Usage extends Units {
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

/** A usage record with the given counts and zero elsewhere. Tokens are whole, none are negative, and there is an end to them. */
export function usageOf(counts: Partial<Usage>): Usage {
  return {
    input: tokens(counts.input),
    cacheRead: tokens(counts.cacheRead),
    cacheWrite5m: tokens(counts.cacheWrite5m),
    cacheWrite1h: tokens(counts.cacheWrite1h),
    output: tokens(counts.output),
    reasoning: tokens(counts.reasoning),
    audioInput: tokens(counts.audioInput),
    audioOutput: tokens(counts.audioOutput),
    imageInput: tokens(counts.imageInput),
    evidence: counts.evidence ?? "reported",
  };
}

/** The usage with these units beside its tokens: whole, none negative, those that are zero left out. */
export function withUnits(usage: Usage, units: Units): Usage {
  let all: Record<string, unknown> | undefined;
  for (const name in units) {
    const count = tokens(units[name as keyof Units]);
    if (count > 0) (all ??= { ...usage })[name] = count;
  }
  return (all as Usage | undefined) ?? usage;
}

/** Seconds, which some report as fractions, in milliseconds rounded up. A fraction that binary cannot hold is no millisecond more. */
export function millisecondsOf(seconds: number): number {
  return Math.ceil(Math.round(seconds * 1e6) / 1e3);
}

/** Several usages as one, for a call that was put in parts. Only what all report is reported. */
export function summed(usages: readonly Usage[]): Usage {
  const sum = (count: (usage: Usage) => number) => usages.reduce((total, usage) => total + count(usage), 0);
  return usageOf({
    input: sum(({ input }) => input),
    cacheRead: sum(({ cacheRead }) => cacheRead),
    cacheWrite5m: sum(({ cacheWrite5m }) => cacheWrite5m),
    cacheWrite1h: sum(({ cacheWrite1h }) => cacheWrite1h),
    output: sum(({ output }) => output),
    reasoning: sum(({ reasoning }) => reasoning),
    audioInput: sum(({ audioInput }) => audioInput),
    audioOutput: sum(({ audioOutput }) => audioOutput),
    imageInput: sum(({ imageInput }) => imageInput),
    evidence: usages.find(({ evidence }) => evidence !== "reported")?.evidence ?? "reported",
  });
}

/** More than any call consumes, and few enough to add up exactly. */
const MOST_TOKENS = 1e12;

/** What an upstream counts is the upstream's word, and may be anything. */
function tokens(count: number | undefined): number {
  return count !== undefined && count >= 0 ? Math.min(Math.ceil(count), MOST_TOKENS) : 0;
}

/** Bytes of UTF-8 to a token: a rule of thumb over languages and vocabularies. */
const BYTES_PER_TOKEN = 4;

/** So many bytes of text in tokens, where nobody says better. */
export function tokensOfBytes(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

/** All prompt tokens, however they were served: OpenAI's `prompt_tokens`. */
export function promptTokens(usage: Usage): number {
  return usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h;
}
