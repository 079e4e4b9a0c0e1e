import { GIB } from "../sizes.ts";

/** What an engine itself said it needs, of its log: truer than any reckoning. Bytes on each GPU; what it did not say is absent. */
export interface Measured {
  readonly weights?: number;
  readonly activations?: number;
  readonly graphs?: number;
  /** For the cache, in bytes and in tokens of all GPUs together. */
  readonly cache?: number;
  readonly tokens?: number;
  /** Requests of full length that the cache holds, and that length. */
  readonly atOnce?: number;
  readonly length?: number;
}

interface Line {
  readonly pattern: RegExp;
  readonly reads: keyof Measured;
  /** What the number is to be multiplied by. */
  readonly unit: number;
}

/** Tokens in a block of the cache. */
const BLOCK = 16;

/** Where there are several GPUs each writes its own: the most counts for what is needed, the least for what is left. */
const LINES: readonly Line[] = [
  // "Model loading took 14.99 GiB memory and 4.1 seconds" (0.11 on), "… 14.9889 GiB and …" (0.8 on), "Loading model weights took 14.9888 GB" (before; GiB as well).
  { pattern: /(?:Model loading took|Loading model weights took|model weights take) ([\d.]+) ?Gi?B/gi, reads: "weights", unit: GIB },
  // "PyTorch activation peak memory takes 1.26GiB" (V0), "0.6 GiB for peak activation" (0.10 on)
  { pattern: /activation peak memory takes ([\d.]+) ?GiB|([\d.]+) GiB for peak activation/g, reads: "activations", unit: GIB },
  // "Graph capturing finished in 6 secs, took 0.22 GiB"; "CUDA graph pool memory: 0.1 GiB (actual), 0.58 GiB (estimated)" (0.21 on)
  { pattern: /(?:Graph capturing finished in \d+ secs?, took|CUDA graph pool memory:) ([\d.]+) GiB/g, reads: "graphs", unit: GIB },
  { pattern: /(?:Available KV cache memory:|memory reserved for KV Cache is) ?([\d.]+) ?GiB/g, reads: "cache", unit: GIB },
  { pattern: /GPU KV cache size: ([\d,]+) tokens/g, reads: "tokens", unit: 1 },
  // To 0.8 in blocks.
  { pattern: /# (?:GPU|cuda) blocks: (\d+)/g, reads: "tokens", unit: BLOCK },
  { pattern: /Maximum concurrency for [\d,]+ tokens per request: ([\d.]+)x/g, reads: "atOnce", unit: 1 },
  { pattern: /Maximum concurrency for ([\d,]+) tokens per request/g, reads: "length", unit: 1 },
];

const LEAST_COUNTS: readonly (keyof Measured)[] = ["cache", "tokens", "atOnce"];

/** What vLLM measured, by its log; `undefined`: it said nothing of it (yet). */
export function measuredIn(log: string): Measured | undefined {
  const found = LINES.flatMap(({ pattern, reads, unit }) => {
    const values = [...log.matchAll(pattern)].map(([, first, second]) => Number((first ?? second ?? "").replaceAll(",", "")) * unit).filter(Number.isFinite);
    if (values.length === 0) return [];
    return [[reads, LEAST_COUNTS.includes(reads) ? Math.min(...values) : Math.max(...values)] as const];
  });
  return found.length === 0 ? undefined : Object.fromEntries(found);
}
