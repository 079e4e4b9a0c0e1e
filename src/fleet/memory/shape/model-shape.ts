/** What of a model decides how much memory it takes. Sizes are bytes where nothing else is said. */
export interface ModelShape {
  /** All of its weights as they lie in memory. */
  readonly weights: number;
  /** Where the weights' size is from: files are exact, a reckoning is not. */
  readonly weighed: "files" | "reckoned";
  readonly layers: number;
  readonly hidden: number;
  /** Width of the widest step inside a layer. */
  readonly intermediate: number;
  readonly vocabulary: number;
  /** What it keeps of every token; absent: nothing (embeddings, reranking). */
  readonly cache?: CacheShape;
  /** Tokens it was made for; absent: not told. */
  readonly longest?: number;
}

/**
 * What a layer keeps of a token. `heads`: a key and a value for each of its heads, shared out over GPUs. `latent` (MLA): one vector of `width`, whole
 * on each GPU.
 */
export type CacheShape = { readonly bytesPerValue: number; readonly layers: CacheLayers } & (
  | { readonly kind: "heads"; readonly heads: number; readonly headSize: number }
  | { readonly kind: "latent"; readonly width: number }
);

/** How many layers keep every token, and how many only the last `window` of them. */
export interface CacheLayers {
  readonly full: number;
  readonly sliding: number;
  readonly window: number;
}

/** Bytes that `tokens` of one sequence take on each of so many GPUs. */
export function cacheBytes(cache: CacheShape | undefined, tokens: number, gpus: number): number {
  if (cache === undefined) return 0;
  const { full, sliding, window } = cache.layers;
  return layerBytes(cache, gpus) * (full * tokens + sliding * Math.min(tokens, window));
}

/** The most tokens of one sequence that so many bytes on each GPU hold: without end where only windows are kept. */
export function tokensIn(cache: CacheShape | undefined, bytes: number, gpus: number): number {
  if (cache === undefined) return Number.POSITIVE_INFINITY;
  const { full, sliding, window } = cache.layers;
  const each = layerBytes(cache, gpus);
  const short = Math.floor(bytes / (each * (full + sliding)));
  if (sliding === 0 || short < window) return Math.max(0, short);
  return full === 0 ? Number.POSITIVE_INFINITY : Math.floor((bytes / each - sliding * window) / full);
}

function layerBytes(cache: CacheShape, gpus: number): number {
  switch (cache.kind) {
    case "heads":
      // Fewer heads than GPUs: each GPU has one, and some have the same.
      return 2 * Math.max(1, Math.ceil(cache.heads / gpus)) * cache.headSize * cache.bytesPerValue;
    case "latent":
      return cache.width * cache.bytesPerValue;
    default:
      return cache satisfies never;
  }
}
