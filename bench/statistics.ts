/** Where a distribution lies, in the unit of its samples. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** The summary of these samples; all zero when there are none. */
export function summaryOf(samples: readonly number[]): Summary {
  const sorted = Float64Array.from(samples).sort();
  return { count: sorted.length, p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), p99: quantile(sorted, 0.99), max: sorted.at(-1) ?? 0 };
}

/** The sample below which this share (0 to 1) of an ascending list lies; 0 for an empty one. */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? 0;
}

/** The middle value, or the mean of the two in the middle; 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/**
 * The share of samples between 35 and 50 ms, where Nagle's algorithm and delayed acknowledgements put their 40 ms when they meet:
 * more than a trace of it, over what the bare upstream shows, is a mode.
 */
export function nagleShare(samples: readonly number[]): number {
  return samples.length === 0 ? 0 : samples.filter((sample) => sample >= 35 && sample <= 50).length / samples.length;
}
